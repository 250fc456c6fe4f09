using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Containment.Landlock;

/// <summary>
/// Rules on files that a thread takes upon itself, with no privilege (Landlock, Linux 5.13). All access that this
/// kernel knows is governed: what no rule allows is denied, and so is TCP where the kernel governs it.
/// </summary>
public sealed class LandlockRuleset : IDisposable
{
    private const LandlockAccess OnFiles = LandlockAccess.Execute | LandlockAccess.WriteFile | LandlockAccess.ReadFile
        | LandlockAccess.Truncate | LandlockAccess.ControlDevice;

    // LANDLOCK_ACCESS_NET_BIND_TCP, _CONNECT_TCP and LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET of Linux 6.7 and 6.12. Signals
    // are left alone: until 6.15 their scope also cut off the threads of one process from each other.
    private const ulong TcpBind = 1;
    private const ulong TcpConnect = 2;
    private const ulong AbstractSockets = 1;

    private readonly FileDescriptor _ruleset;
    private readonly LandlockAccess _governed;

    private LandlockRuleset(FileDescriptor ruleset, LandlockAccess governed)
    {
        _ruleset = ruleset;
        _governed = governed;
    }

    /// <summary>The version of this kernel's Landlock; 0 where it has none or it is off.</summary>
    public static int KernelVersion
    {
        get
        {
            nint version = LibC.syscall(LibC.SYS_landlock_create_ruleset, 0, 0, LibC.LANDLOCK_CREATE_RULESET_VERSION);
            return version < 0 ? 0 : (int)version;
        }
    }

    /// <summary>Makes rules that allow nothing yet; null where the kernel has no Landlock.</summary>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public static LandlockRuleset? TryCreate()
    {
        int version = KernelVersion;
        if (version == 0)
        {
            return null;
        }

        // The structure has grown by a word in versions 4 and 6; an older kernel takes no longer one than it knows.
        LandlockAccess governed = GovernedBy(version);
        Span<ulong> attributes = [(ulong)governed, TcpBind | TcpConnect, AbstractSockets];
        int words = version switch
        {
            >= 6 => 3,
            >= 4 => 2,
            _ => 1,
        };
        nint descriptor = LibC.landlock_create_ruleset(
            LibC.SYS_landlock_create_ruleset, ref attributes[0], words * sizeof(ulong), 0);
        return descriptor < 0
            ? throw LinuxException.Last("landlock_create_ruleset")
            : new LandlockRuleset(new FileDescriptor((int)descriptor), governed);
    }

    /// <summary>Allows access to a file, or to all beneath a directory. Access that the kernel does not govern is allowed
    /// anyway; on a file that is no directory only what applies to files is taken.</summary>
    /// <exception cref="LinuxException">There is no such path.</exception>
    public void Allow(string path, LandlockAccess access)
    {
        using FileDescriptor place = FileDescriptor.Open(path, OpenFlags.PathOnly);
        access &= _governed;
        if (!FileStatus.Of(place).IsDirectory)
        {
            access &= OnFiles;
        }

        if (access == LandlockAccess.None)
        {
            return;
        }

        var rule = new landlock_path_beneath_attr { allowed_access = (ulong)access, parent_fd = place.Number };
        if (LibC.landlock_add_rule(LibC.SYS_landlock_add_rule, _ruleset.Number, LibC.LANDLOCK_RULE_PATH_BENEATH, in rule, 0) < 0)
        {
            throw LinuxException.Last("landlock_add_rule", path);
        }
    }

    /// <summary>Puts the rules on the calling thread and all threads it makes from now on, on top of what binds it
    /// already. It needs <see cref="ThreadPrivileges.ForbidNew"/> before.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void RestrictThread()
    {
        if (LibC.syscall(LibC.SYS_landlock_restrict_self, _ruleset.Number, 0, 0) < 0)
        {
            throw LinuxException.Last("landlock_restrict_self");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ruleset.Dispose();

    private static LandlockAccess GovernedBy(int version)
    {
        LandlockAccess access = (LandlockAccess)((ulong)LandlockAccess.Refer - 1);
        access |= version >= 2 ? LandlockAccess.Refer : LandlockAccess.None;
        access |= version >= 3 ? LandlockAccess.Truncate : LandlockAccess.None;
        access |= version >= 5 ? LandlockAccess.ControlDevice : LandlockAccess.None;
        return access;
    }
}
