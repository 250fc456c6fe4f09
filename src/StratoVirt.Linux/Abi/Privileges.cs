using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>Whose capabilities capset(2) sets, and in which layout (<c>linux/capability.h</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct __user_cap_header_struct
{
    internal uint version;
    internal int pid;
}

/// <summary>32 of the capabilities; capset(2) takes two of these.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct __user_cap_data_struct
{
    internal uint effective;
    internal uint permitted;
    internal uint inheritable;
}

/// <summary>struct rlimit of <c>sys/resource.h</c> on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct rlimit
{
    internal ulong rlim_cur;
    internal ulong rlim_max;
}

internal static partial class LibC
{
    internal const uint _LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    internal const int PR_SET_DUMPABLE = 4;
    internal const int PR_CAPBSET_DROP = 24;
    internal const int PR_SET_NO_NEW_PRIVS = 38;
    internal const int PR_CAP_AMBIENT = 47;
    internal const int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prctl(int option, nint second, nint third, nint fourth, nint fifth);

    // Takes two of the structures, one behind the other.
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int capset(in __user_cap_header_struct header, in __user_cap_data_struct data);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getrlimit(int resource, out rlimit limit);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setrlimit(int resource, in rlimit limit);
}
