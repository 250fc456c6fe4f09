using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>What a signal does, in the C library's layout.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct sigaction
{
    internal nint sa_sigaction;
    internal sigset_t sa_mask;
    internal int sa_flags;
    internal nint sa_restorer;
}

internal static partial class LibC
{
    internal const int SIGBUS = 7;
    internal const int SIGSYS = 31;
    internal const nint SIG_DFL = 0;
    internal const nint SIG_IGN = 1;
    internal const int SA_SIGINFO = 4;
    internal const int PROT_EXEC = 4;

    [LibraryImport(Library, EntryPoint = "sigaction", SetLastError = true)]
    internal static partial int set_sigaction(int signal, in sigaction action, nint old);

    [LibraryImport(Library, EntryPoint = "sigaction", SetLastError = true)]
    internal static partial int get_sigaction(int signal, nint action, out sigaction old);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mprotect(nint address, nuint length, int protection);
}
