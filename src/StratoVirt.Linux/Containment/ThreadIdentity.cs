using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment;

/// <summary>Who the calling thread acts as. The kernel keeps it by thread; the C library's functions of these names
/// change all threads of a process, some of which may not make the call any more.</summary>
public static class ThreadIdentity
{
    /// <summary>Becomes another user, without groups, for good. A thread that was root loses its capabilities by it.</summary>
    /// <exception cref="LinuxException">The thread has no right to.</exception>
    public static void Become(uint user)
    {
        Check(LibC.syscall(SystemCall.Named("setgroups").Number, 0, 0, 0), "setgroups");
        Check(LibC.syscall(SystemCall.Named("setresgid").Number, (nint)user, (nint)user, (nint)user), "setresgid");
        Check(LibC.syscall(SystemCall.Named("setresuid").Number, (nint)user, (nint)user, (nint)user), "setresuid");
    }

    private static void Check(nint result, string operation)
    {
        if (result < 0)
        {
            throw LinuxException.Last(operation);
        }
    }
}
