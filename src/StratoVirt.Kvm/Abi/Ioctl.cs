using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Kvm.Abi;

/// <summary>ioctl(2) on KVM's descriptors. An ioctl that fails is named, by the expression it was called with, in the
/// exception. The argument's size is what its request number says: the layout tests prove both.</summary>
internal static partial class Ioctl
{
    private const string Library = "libc";

    /// <summary>Calls with a plain number, or none.</summary>
    /// <returns>What the ioctl returned, never negative.</returns>
    internal static int Invoke(
        FileDescriptor fd, uint request, nint argument = 0, [CallerArgumentExpression(nameof(request))] string name = "")
    {
        int result;
        do
        {
            result = ioctl(fd, request, argument);
        }
        while (Interrupted(result));
        return result < 0 ? throw LinuxException.Last(name) : result;
    }

    /// <summary>Calls with a structure, which the kernel may change.</summary>
    internal static int Invoke<T>(
        FileDescriptor fd, uint request, ref T argument, [CallerArgumentExpression(nameof(request))] string name = "")
        where T : unmanaged
    {
        Errno errno = TryInvoke(fd, request, ref Unsafe.As<T, byte>(ref argument), out int result);
        return errno != Errno.None ? throw new LinuxException(name, errno) : result;
    }

    /// <summary>Calls with a structure that ends in an array; for errors that are an answer.</summary>
    internal static Errno TryInvoke(FileDescriptor fd, uint request, ref byte argument, out int result)
    {
        do
        {
            result = ioctl(fd, request, ref argument);
        }
        while (Interrupted(result));
        return result < 0 ? LinuxException.LastErrno : Errno.None;
    }

    /// <summary>KVM_RUN and nothing else: a signal is an answer here.</summary>
    internal static Errno Run(FileDescriptor fd) =>
        ioctl(fd, KvmIoctl.KVM_RUN, 0) < 0 ? LinuxException.LastErrno : Errno.None;

    private static bool Interrupted(int result) => result < 0 && LinuxException.LastErrno == Errno.Interrupted;

    [LibraryImport(Library, SetLastError = true)]
    private static partial int ioctl(FileDescriptor fd, nuint request, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int ioctl(FileDescriptor fd, nuint request, ref byte argument);
}
