using System.Runtime.CompilerServices;
using StratoVirt.Linux;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Landlock;
using StratoVirt.Linux.Containment.Seccomp;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Threads;
using StratoVirt.Linux.Traps;
using StratoVirt.Machine;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Host.Containment;

/// <summary>
/// Takes from each thread of this process what its role never needs: capabilities, files, system calls. Threads of the
/// machine come to life contained, the runtime's own thread is told to be, and <see cref="Complete"/> contains the main
/// thread, when the machine is built and before its guest runs. From then on nothing in the process is uncontained.
/// </summary>
internal sealed class HostContainment : IThreadGuard, IDisposable
{
    // Much more than a machine with every device opens, and little enough that a leak is found out.
    private const ulong MostDescriptors = 4096;

    private const ulong MostThreads = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly ThreadRole[] Roles = Enum.GetValues<ThreadRole>();

    private readonly Lock _gate = new();
    private readonly RuntimeDirectory _runtime;
    private readonly string _machine;
    private readonly uint? _user;
    private readonly SeccompProgram[] _programs;
    private LandlockRuleset?[]? _rules;
    private FileDescriptor? _violations;
    private volatile bool _completed;

    /// <summary>Makes the filters. Nothing is bound before the machine's first thread is.</summary>
    /// <param name="runtime">Where the machine's directory is going to be.</param>
    /// <param name="machine">Its name.</param>
    /// <param name="user">Inside a jail, whom each thread becomes; null outside.</param>
    public HostContainment(RuntimeDirectory runtime, string machine, uint? user)
    {
        _user = user;
        _runtime = runtime;
        _machine = machine;
        IReadOnlyList<CallGrant> grants = CallGrants.All(Environment.ProcessId);
        _programs = Array.ConvertAll(Roles, role => SeccompProgram.Compile(RolePolicy.Of(role, grants)));
    }

    /// <inheritdoc/>
    public void Enter(ThreadRole role)
    {
        try
        {
            LandlockRuleset? rules = Prepare()[(int)role];
            if (!_completed)
            {
                // A thread made later has this from the one that made it.
                ThreadPrivileges.ForbidNew();
                if (_user is { } user)
                {
                    ThreadPrivileges.ClearBounding();
                    ThreadIdentity.Become(user);
                }

                ThreadPrivileges.DropCapabilities();
                rules?.RestrictThread();
            }

            // The runtime reads a seed once a thread, for the hash codes of objects.
            _ = RuntimeHelpers.GetHashCode(new object());
            SeccompFilter.Install(_programs[(int)role]);
        }
        catch (LinuxException refused)
        {
            HostLog.Write($"A thread cannot be contained: {refused.Message}. The process ends rather than run a guest with it.");
            Environment.FailFast(refused.Message);
        }
    }

    /// <summary>Contains the calling thread as a control thread, when all others are.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.HostFailed"/>: a thread is left that nobody has
    /// contained.</exception>
    public void Complete()
    {
        // A thread that has just been made may not have come to it yet.
        ThreadContainment? left = null;
        if (!SpinWait.SpinUntil(() => (left = FindUncontained()) is null, Patience))
        {
            throw new MachineException(
                MachineErrorId.HostFailed,
                $"Thread {left!.ThreadId} ('{left.Name}') of the host process is not contained.",
                "This is a fault of the host program; please report it.");
        }

        // Sockets of devices that are added: setting their modes afterwards is none of the calls that are left.
        FileOwner.KeepToOwner();
        Enter(ThreadRole.Control);
        _completed = true;
    }

    private static ThreadContainment? FindUncontained()
    {
        // A jail has no /proc to look into; the same program has been looked at outside.
        int self = NativeThread.CurrentId;
        return !Directory.Exists("/proc/self") ? null : ThreadContainment.ReadAll().FirstOrDefault(
            thread => thread.ThreadId != self && thread is not { IsFiltered: true, IsForbiddenNew: true, Permitted: 0 });
    }

    // By the first thread, which comes when the machine has its directory and before anything else does.
    private LandlockRuleset?[] Prepare()
    {
        lock (_gate)
        {
            if (_rules is null)
            {
                ResourceLimits.Lower(ResourceLimit.Descriptors, MostDescriptors);
                ResourceLimits.Lower(ResourceLimit.MessageQueueBytes, 0);
                ResourceLimits.Lower(ResourceLimit.RealTimePriority, 0);
                if (_user is not null)
                {
                    // The user is this process's alone.
                    ResourceLimits.Lower(ResourceLimit.Processes, MostThreads);
                }

                // Later nothing may be made executable.
                LostPageTrap.Arm();
                if (ViolationTrap.IsSupported)
                {
                    _violations = _runtime.OpenViolationRecord(_machine);
                    ViolationTrap.Arm(_violations);
                }

                _rules = Array.ConvertAll(Roles, role => RulesOf(role, _runtime.For(_machine)));
            }

            return _rules;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LandlockRuleset? rules in _rules ?? [])
        {
            rules?.Dispose();
        }

        _violations?.Dispose();
    }

    private static LandlockRuleset? RulesOf(ThreadRole role, string logs)
    {
        LandlockRuleset? rules = LandlockRuleset.TryCreate();
        if (role == ThreadRole.Control)
        {
            rules?.Allow("/", FileAccess.ToControl);
        }
        else if (role == ThreadRole.Log)
        {
            rules?.Allow(logs, FileAccess.ToLog);
        }

        return rules;
    }

    private static class FileAccess
    {
        // A device may be added while the machine runs, wherever its files are. No program is run, no device is made.
        public const LandlockAccess ToControl = LandlockAccess.ReadFile | LandlockAccess.WriteFile | LandlockAccess.Truncate
            | LandlockAccess.ReadDirectory | LandlockAccess.MakeFile | LandlockAccess.MakeSocket | LandlockAccess.RemoveFile
            | LandlockAccess.RemoveDirectory | LandlockAccess.Refer | LandlockAccess.ControlDevice;

        public const LandlockAccess ToLog = LandlockAccess.WriteFile | LandlockAccess.ReadFile | LandlockAccess.MakeFile
            | LandlockAccess.RemoveFile | LandlockAccess.Truncate;
    }
}
