using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment;

/// <summary>Limits of this process (setrlimit).</summary>
public static class ResourceLimits
{
    /// <summary>Lowers a limit for good: what is asked for now, and what could be asked for later. A limit that is lower
    /// already stays.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Lower(ResourceLimit limit, ulong value)
    {
        if (LibC.getrlimit((int)limit, out rlimit present) < 0)
        {
            throw LinuxException.Last("getrlimit");
        }

        var lowered = new rlimit
        {
            rlim_cur = Math.Min(present.rlim_cur, value),
            rlim_max = Math.Min(present.rlim_max, value),
        };
        if (LibC.setrlimit((int)limit, in lowered) < 0)
        {
            throw LinuxException.Last("setrlimit", limit.ToString());
        }
    }

    /// <summary>The limit in force.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ulong Read(ResourceLimit limit) =>
        LibC.getrlimit((int)limit, out rlimit present) < 0 ? throw LinuxException.Last("getrlimit") : present.rlim_cur;
}
