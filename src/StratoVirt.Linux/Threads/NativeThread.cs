using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Threads;

/// <summary>Threads as the kernel knows them.</summary>
public static class NativeThread
{
    /// <summary>The kernel's id of the calling thread (gettid). Reused after the thread has ended.</summary>
    public static int CurrentId => (int)LibC.syscall(
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Abi.X64.SystemCall.SYS_gettid : Abi.Arm64.SystemCall.SYS_gettid,
        0,
        0,
        0);

    /// <summary>Sends a signal to one thread of this process (tgkill). The thread must not have ended: its id may
    /// belong to another thread by then.</summary>
    internal static Errno Signal(int threadId, int signal)
    {
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? Abi.X64.SystemCall.SYS_tgkill
            : Abi.Arm64.SystemCall.SYS_tgkill;
        return LibC.syscall(number, Environment.ProcessId, threadId, signal) < 0 ? LinuxException.LastErrno : Errno.None;
    }
}
