using System.Diagnostics.CodeAnalysis;
using StratoVirt.Definitions;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;
using StratoVirt.PowerShell.Consoles;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;
using StratoVirt.Store;

namespace StratoVirt.PowerShell;

/// <summary>
/// A machine. What it is made of is as it was in the store when this object was got; what it does is looked at each
/// time a property is read.
/// </summary>
public sealed class StratoVm : IEquatable<StratoVm>, IComparable<StratoVm>, IComparable
{
    private readonly VmDefinition _definition;
    private readonly VmCatalog _catalog;
    private readonly Lock _gate = new();
    private EventHandler<StratoVmStateChangedEventArgs>? _stateChanged;
    private StateWatch? _watch;

    internal StratoVm(StoreEntry entry, VmCatalog catalog)
    {
        _definition = entry.Definition!;
        _catalog = catalog;
        Path = entry.Path;
    }

    /// <summary>Raised after each change of state, on a thread of its own, as long as somebody listens: for
    /// Register-ObjectEvent.</summary>
    public event EventHandler<StratoVmStateChangedEventArgs> StateChanged
    {
        add
        {
            lock (_gate)
            {
                _stateChanged += value;
                _watch ??= new StateWatch(this, change => _stateChanged?.Invoke(this, change));
            }
        }

        remove
        {
            lock (_gate)
            {
                _stateChanged -= value;
                if (_stateChanged is null)
                {
                    _watch?.Dispose();
                    _watch = null;
                }
            }
        }
    }

    /// <summary>Its name.</summary>
    public string Name => _definition.Metadata.Name;

    /// <summary>What it does now.</summary>
    public StratoVmState State => Run?.Status is { State: not RunState.Shutdown } status
        ? VmStates.From(status.State)
        : Owner switch
        {
            null => StratoVmState.Stopped,
            { ProcessId: var process } when process == Environment.ProcessId => StratoVmState.Prelaunch,
            _ => StratoVmState.Running,
        };

    /// <summary>What it does now, in QMP's words: <c>running</c>, <c>paused</c>, <c>shutdown</c> …</summary>
    public string Status => VmStates.From(State).ToQmp();

    /// <summary>Time since it was started; null when it is not running.</summary>
    public TimeSpan? Uptime => Run?.Status is { State: not RunState.Shutdown } status
        ? DateTimeOffset.UtcNow - status.StartedAt
        : DateTimeOffset.UtcNow - Owner?.StartedAt;

    /// <summary>Number of vCPUs.</summary>
    public int Cpus => _definition.Spec.Cpus;

    /// <summary>Guest memory in bytes.</summary>
    public ulong Memory => _definition.Spec.Memory.Bytes;

    /// <summary>Path of the kernel; null for the built-in guest.</summary>
    public string? Kernel => _definition.Spec.Boot.Kernel;

    /// <summary>Path of the initial ramdisk, or null.</summary>
    public string? Initrd => _definition.Spec.Boot.Initrd;

    /// <summary>The kernel command line; null takes the default.</summary>
    public string? CommandLine => _definition.Spec.Boot.CommandLine;

    /// <summary>Whether it boots the guest the module carries.</summary>
    public bool BuiltIn => _definition.Spec.Boot.BuiltIn;

    /// <summary>Whether ACPI describes the machine to its guest.</summary>
    public bool Acpi => _definition.Spec.Acpi;

    // Lists are arrays, here and in all that users see: what a collection expression makes of a read-only list, PowerShell
    // cannot index.

    /// <summary>Names of its devices, as the definition has them.</summary>
    public IReadOnlyList<string> Devices => _definition.Spec.ListDevices().Select(device => device.Name).ToArray();

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels => _definition.Metadata.Labels.ToDictionary();

    /// <summary>The process that runs it; null when none does, or it could not be told which.</summary>
    public int? ProcessId => Owner is { ProcessId: not 0 and var process } ? process : null;

    /// <summary>What kind of process runs it; null when none does.</summary>
    public StratoVmHome? Home => Owner switch
    {
        null => null,
        { Kind: OwnerKind.Detached } => StratoVmHome.Detached,
        _ => StratoVmHome.InProcess,
    };

    /// <summary>Why it ended when it last ran, in QMP's words; null while it runs or when nothing is known of a last run.</summary>
    public string? Cause => LastStatus?.Cause.ToQmp();

    /// <summary>What went wrong when it last ended, or null.</summary>
    public string? Problem => LastStatus?.Error?.Message;

    /// <summary>The fault that stopped it, or null.</summary>
    public StratoVmFault? Fault => Run?.Status.Fault is { } fault ? new StratoVmFault(fault) : null;

    /// <summary>How often its guest was reset since it was started.</summary>
    public int Resets => Run?.Status.Resets ?? 0;

    /// <summary>The boot marks its guest has written, oldest first.</summary>
    public IReadOnlyList<StratoBootMark> BootMarks =>
        Run?.BootMarks.Select(mark => new StratoBootMark(mark.Code, mark.SinceStart)).ToArray() ?? Array.Empty<StratoBootMark>();

    /// <summary>How often each of its vCPUs left the guest, while it runs, and after it ran in this process.</summary>
    public IReadOnlyList<StratoVcpuExits> VcpuExits =>
        Run?.Metrics.Vcpus
            .Select((v, cpu) => new StratoVcpuExits(cpu, v.Pio, v.Mmio, v.Interrupted, v.Other)).ToArray() ?? Array.Empty<StratoVcpuExits>();

    /// <summary>The file that defines it.</summary>
    public string Path { get; }

    /// <summary>Root of the store it is in.</summary>
    public string Store => _catalog.Home;

    /// <summary>Its definition as YAML.</summary>
    public string Definition => VmCatalog.ToYaml(_definition);

    /// <summary>What it is made of.</summary>
    internal VmSpec Spec => _definition.Spec;

    /// <summary>Its definition with another specification.</summary>
    internal VmDefinition WithSpec(VmSpec spec) => _definition with { Spec = spec };

    /// <summary>Its run, wherever that is; when it does not run, its last run in this process; or null.</summary>
    internal MachineRun? Run => _catalog.RunOf(_definition, Path);

    private MachineStatus? LastStatus => State == StratoVmState.Stopped ? _catalog.LastStatusOf(_definition, Path) : null;

    private RuntimeOwner? Owner => _catalog.OwnerOf(Name);

    /// <summary>Two objects are equal when they are the same machine, whenever they were got.</summary>
    public bool Equals(StratoVm? other) => Path == other?.Path;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StratoVm);

    /// <inheritdoc/>
    public override int GetHashCode() => Path.GetHashCode(StringComparison.Ordinal);

    /// <summary>By name, as lists of machines are sorted.</summary>
    public int CompareTo(StratoVm? other) =>
        StringComparer.OrdinalIgnoreCase.Compare(Name, other?.Name) is var order and not 0
            ? order
            : StringComparer.Ordinal.Compare(Path, other?.Path);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => CompareTo(obj as StratoVm);

    /// <summary>Its name, so that it can be given where a name is asked for.</summary>
    public override string ToString() => Name;

    /// <summary>Its console log, when it has one.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The caller disposes it.")]
    internal ConsoleLog? OpenConsoleLog() => ConsoleLog.Open(_catalog.ConsoleLogOf(Name));

    /// <summary>The control socket of the process that runs it.</summary>
    /// <exception cref="StratoVirtException">None does.</exception>
    internal string RequireControlSocket() => Owner is not null ? _catalog.ControlSocketOf(Name) : throw NotRunning();

    /// <summary>Its run.</summary>
    /// <exception cref="StratoVirtException">It does not run, or a process that cannot be reached runs it.</exception>
    internal MachineRun RequireLiveRun()
    {
        if (Run is { Ended: false } run)
        {
            return run;
        }

        if (Owner is { } owner && owner.ProcessId != Environment.ProcessId)
        {
            throw ErrorRecords.Failure(
                CommandErrorId.RunsElsewhere,
                $"{Name} is run by {(owner.ProcessId == 0 ? "another process" : $"process {owner.ProcessId}")}; that process offers no control socket.",
                "Try again in a moment if it is just being started; else use the session that started it, or end that session, which stops its machines.");
        }

        throw NotRunning();
    }

    private StratoVirtException NotRunning() => ErrorRecords.Failure(
        CommandErrorId.NotRunning, $"{Name} is not running.", $"Start it with: Start-StratoVm {Name}");
}
