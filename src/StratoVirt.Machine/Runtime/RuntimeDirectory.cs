using StratoVirt.Definitions.Validation;
using StratoVirt.Linux;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Machine.Jail;

namespace StratoVirt.Machine.Runtime;

/// <summary>
/// What running machines keep on the host outside their store, a directory each: lock, owner, console log, sockets.
/// The lock decides that a machine runs once at most among all sessions of a user. Names are compared without case, and
/// a directory is named in lower case.
/// </summary>
public sealed class RuntimeDirectory
{
    internal const string ConsoleLogName = "console.log";
    internal const string ControlSocketName = "qmp.sock";
    private const string HostLogName = "host.log";

    /// <summary>Uses the given root; nothing is created before the first lease.</summary>
    /// <param name="root">Absolute path; when it exists, it has to belong to this user alone.</param>
    /// <param name="home">Root of the store that the machines come from, recorded with each lease.</param>
    public RuntimeDirectory(string root, string? home = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        Root = Path.TrimEndingDirectorySeparator(root);
        Home = home;
    }

    /// <summary>This user's root: <c>$STRATOVIRT_RUNTIME</c>, else <c>/run/stratovirt</c> for root, else
    /// <c>$XDG_RUNTIME_DIR/stratovirt</c>, else <c>/tmp/stratovirt-UID</c>.</summary>
    /// <exception cref="MachineException"><c>$STRATOVIRT_RUNTIME</c> is not absolute.</exception>
    public static string DefaultRoot => RuntimeRoot.Choose(Environment.GetEnvironmentVariable, FileStatus.EffectiveUser);

    /// <summary>The directory that holds one directory a machine.</summary>
    public string Root { get; }

    /// <summary>Root of the store recorded with each lease, or null.</summary>
    public string? Home { get; }

    /// <summary>What kind of process this is, recorded with each lease.</summary>
    public OwnerKind Kind { get; init; }

    /// <summary>Who this process is, where it cannot see that itself; null where it can.</summary>
    public JailIdentity? Identity { get; init; }

    /// <summary>Names the sockets that a machine's devices have outside its directory: those of a process that could not
    /// take them away are.</summary>
    public Func<string, IEnumerable<string>>? SocketsOf { get; init; }

    /// <summary>How long a held lock may go without a living owner: its holder is about to write who he is, is leaving,
    /// or is a session that looks in. Each takes microseconds.</summary>
    internal TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The directory of one machine; it exists while somebody holds its lease and as long as a log is left in it.</summary>
    /// <exception cref="ArgumentException">No machine may have this name.</exception>
    public string For(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return VmName.FindFault(name) is string fault
            ? throw new ArgumentException(fault, nameof(name))
            : Path.Combine(Root, name.ToLowerInvariant());
    }

    /// <summary>Where a machine's console log is.</summary>
    public string ConsoleLogPath(string name) => Path.Combine(For(name), ConsoleLogName);

    /// <summary>Where a detached machine's host process writes what it has to say.</summary>
    public string HostLogPath(string name) => Path.Combine(For(name), HostLogName);

    /// <summary>Makes room for the log of a host process that is about to take the lease.</summary>
    /// <returns>Where it goes.</returns>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>.</exception>
    public string PrepareHostLog(string name)
    {
        string path = HostLogPath(name);
        return Guarded(() =>
        {
            RuntimeRoot.Ensure(Root);
            RuntimeRoot.CreateBelow(For(name));
            if (FileStatus.Find(For(name)) is { } status && status.Owner != FileStatus.EffectiveUser)
            {
                // Left by a machine that ran jailed, as a user of its own.
                FileOwner.Set(For(name), FileStatus.EffectiveUser);
            }

            return path;
        });
    }

    /// <summary>Prepares a machine's directory for a jail. For the holder of the lease.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>.</exception>
    public JailPlace PrepareJail(string name) => Guarded(() =>
    {
        var place = new JailPlace(For(name));
        place.Create();
        FileOwner.Set(For(name), place.User);
        return place;
    });

    /// <summary>Opens the record of a host process's containment: what is written there tells, after its end, which
    /// system call ended it (see <see cref="ContainmentViolation"/>). For the holder of the lease.</summary>
    /// <exception cref="LinuxException">It cannot be made.</exception>
    public FileDescriptor OpenViolationRecord(string name) => ViolationFile.Create(For(name));

    /// <summary>How the last run of a machine ended; null when it runs, has never run, or was cleaned away.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>.</exception>
    public RuntimeEnd? FindEnd(string name)
    {
        string directory = For(name);
        return Guarded(() => RuntimeRoot.Exists(Root) ? EndFile.Read(directory) : null);
    }

    /// <summary>Where a running machine's control socket is.</summary>
    public string ControlSocketPath(string name) => Path.Combine(For(name), ControlSocketName);

    /// <summary>Takes the right to run the machine of this name.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.AlreadyRunning"/>, naming the process;
    /// <see cref="MachineErrorId.RuntimeDirectory"/> when the directory cannot be used or is not safe.</exception>
    public RuntimeLease Acquire(string name) => TryAcquire(name, out RuntimeOwner? holder) ?? throw AlreadyRunning(name, holder!);

    /// <summary>Takes the right to run the machine of this name; null, and who holds it, when another does.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>.</exception>
    public RuntimeLease? TryAcquire(string name, out RuntimeOwner? holder)
    {
        string directory = For(name);
        RuntimeOwner? found = null;
        RuntimeLease? lease = Guarded(() =>
        {
            if (Identity is null)
            {
                RuntimeRoot.Ensure(Root);
            }

            // Into a jail the lease comes from outside.
            RuntimeLock? taken = Identity is { } inside
                ? RuntimeLock.Adopt(directory, new FileDescriptor(inside.Lease))
                : TakeOrFindHolder(name, directory, create: true, out found);
            return taken is null ? null : Hold(name, directory, taken);
        });
        holder = found;
        return lease;
    }

    /// <summary>Who runs the machine of this name; null when nobody does. What a dead process left is cleaned away.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>.</exception>
    public RuntimeOwner? Inspect(string name)
    {
        string directory = For(name);
        return Guarded(() =>
        {
            RuntimeOwner? holder = null;
            if (RuntimeRoot.Exists(Root))
            {
                // A jail's holder takes his lock file away and leaves the jail.
                var jail = new JailPlace(directory);
                using RuntimeLock? taken = TakeOrFindHolder(name, directory, create: jail.Exists, out holder);
                if (taken is not null)
                {
                    CleanUp(name, directory, taken.FindDeadOwner(), jail);
                }
            }

            return holder;
        });
    }

    /// <summary>All machines that run now, by name.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>.</exception>
    public IReadOnlyList<RuntimeOwner> List()
    {
        string[] names = Guarded(() => RuntimeRoot.Exists(Root)
            ? [.. Directory.EnumerateDirectories(Root).Select(d => Path.GetFileName(d)).Where(VmName.IsValid)]
            : Array.Empty<string>());
        return [.. names.Select(Inspect).OfType<RuntimeOwner>().OrderBy(o => o.Name, VmName.Comparer)];
    }

    /// <summary>Deletes what an ended machine left, its console log included; false when it runs.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>.</exception>
    public bool Clean(string name)
    {
        string directory = For(name);
        if (Guarded(() => !RuntimeRoot.Exists(Root) || !Directory.Exists(directory)))
        {
            return true;
        }

        using RuntimeLease? lease = TryAcquire(name, out _);
        return lease is not null && Guarded(() =>
        {
            DeleteLeftovers(directory, keepLogs: false);
            new JailPlace(directory).Remove();
            return true;
        });
    }

    // With the lock in hand, whose disposal deletes what is his who held it.
    private void CleanUp(string name, string directory, RuntimeOwner? dead, JailPlace jail)
    {
        if (dead is null && !jail.Exists)
        {
            return;
        }

        // How it ended is kept for those who ask later; he may have said so himself as the last thing he did.
        if (dead is not null && EndFile.Read(directory)?.Owner != dead)
        {
            EndFile.Write(directory, RuntimeEnd.OfDead(dead, ViolationFile.Describe(directory)));
        }

        foreach (string socket in Directory.EnumerateFiles(directory).Concat(SocketsOf?.Invoke(name) ?? []))
        {
            try
            {
                UnixSocket.RemoveStale(socket);
            }
            catch (LinuxException)
            {
                // Where this user may not look or change anything it stays; the next listener replaces it.
            }
        }

        jail.Remove();
    }

    /// <summary>Deletes what another life of the machine left, sockets above all; lock and owner stay with the lease.</summary>
    private static void DeleteLeftovers(string directory, bool keepLogs)
    {
        foreach (string file in Directory.EnumerateFiles(directory))
        {
            string name = Path.GetFileName(file);
            bool isKept = name is RuntimeLock.Name or OwnerFile.Name
                || (keepLogs && (name == HostLogName || name.StartsWith(ConsoleLogName, StringComparison.Ordinal)));
            if (!isKept)
            {
                File.Delete(file);
            }
        }
    }

    private RuntimeLease Hold(string name, string directory, RuntimeLock taken)
    {
        try
        {
            var owner = new RuntimeOwner
            {
                Name = name,
                ProcessId = Identity?.ProcessId ?? Environment.ProcessId,
                ProcessStartTicks = Identity?.ProcessStartTicks ?? ProcessIdentity.StartTicksOf(Environment.ProcessId) ?? 0,
                StartedAt = DateTimeOffset.UtcNow,
                Kind = Kind,
                Home = Home,
            };
            DeleteLeftovers(directory, keepLogs: true);
            if (Identity is null)
            {
                new JailPlace(directory).Remove();
            }

            OwnerFile.Write(directory, owner);
            return new RuntimeLease(directory, owner, taken);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>The lock, or who holds it; neither when there is no lock file and none was to be made.</summary>
    private RuntimeLock? TakeOrFindHolder(string name, string directory, bool create, out RuntimeOwner? holder)
    {
        RuntimeOwner? found = null;
        if (create)
        {
            RuntimeRoot.CreateBelow(directory);
        }

        NamedLockOutcome end = RuntimeLock.Take(directory, create, Grace, out RuntimeLock? taken, outcome =>
        {
            if (outcome == NamedLockOutcome.Absent)
            {
                // Whoever left took the directory with him.
                RuntimeRoot.CreateBelow(directory);
                return false;
            }

            found = OwnerFile.Read(directory) is { } owner && ProcessIdentity.IsAlive(owner) ? owner : null;
            return found is not null;
        });
        bool isUnknown = found is null && (end == NamedLockOutcome.Held || (end == NamedLockOutcome.Absent && create));
        holder = isUnknown
            ? new RuntimeOwner { Name = name, ProcessId = 0, ProcessStartTicks = 0, StartedAt = DateTimeOffset.UtcNow }
            : found;
        return taken;
    }

    private static MachineException AlreadyRunning(string name, RuntimeOwner holder)
    {
        string where = holder.ProcessId == 0 ? "in another process"
            : holder.ProcessId == Environment.ProcessId ? $"in this process ({holder.ProcessId})"
            : $"in process {holder.ProcessId}";
        string home = holder.Home is null ? string.Empty : $", from the store '{holder.Home}'";
        return new MachineException(
            MachineErrorId.AlreadyRunning,
            $"The machine '{name}' is running already, {where}{home}.",
            "Stop it first, or give the other machine another name.");
    }

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new MachineException(
                MachineErrorId.RuntimeDirectory,
                $"The runtime directory '{Root}' cannot be used.",
                $"Check its owner, permissions and free space, or set {RuntimeRoot.Variable} to another directory.",
                fault);
        }
    }
}
