using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment;

/// <summary>What the calling thread may become. The kernel keeps all of it by thread; threads made afterwards inherit it.</summary>
public static class ThreadPrivileges
{
    /// <summary>No program this thread ever starts gains anything by set-user-id bits or file capabilities
    /// (no_new_privs). Needs no privilege and cannot be undone.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void ForbidNew()
    {
        if (LibC.prctl(LibC.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        {
            throw LinuxException.Last("prctl(PR_SET_NO_NEW_PRIVS)");
        }
    }

    /// <summary>Gives up all capabilities: those it could pass on (ambient, inheritable), those it could ever gain
    /// (bounding) and those it has. A thread without any gives up nothing and may call this too.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void DropCapabilities()
    {
        if (LibC.prctl(LibC.PR_CAP_AMBIENT, LibC.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        {
            throw LinuxException.Last("prctl(PR_CAP_AMBIENT)");
        }

        ClearBounding();
        var header = new __user_cap_header_struct { version = LibC._LINUX_CAPABILITY_VERSION_3 };
        ReadOnlySpan<__user_cap_data_struct> none = stackalloc __user_cap_data_struct[2];
        if (LibC.capset(in header, in none[0]) < 0)
        {
            throw LinuxException.Last("capset");
        }
    }

    /// <summary>Gives up all capabilities that it could ever gain, and keeps those it has.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void ClearBounding()
    {
        // The kernel says where its capabilities end. Who may not clear them has no way to use them either: that takes
        // a program with file capabilities, which ForbidNew rules out.
        int capability = 0;
        while (LibC.prctl(LibC.PR_CAPBSET_DROP, capability, 0, 0, 0) == 0)
        {
            capability++;
        }

        if (LinuxException.LastErrno is var errno && errno is not (Errno.InvalidArgument or Errno.NotPermitted))
        {
            throw new LinuxException("prctl(PR_CAPBSET_DROP)", errno);
        }
    }
}
