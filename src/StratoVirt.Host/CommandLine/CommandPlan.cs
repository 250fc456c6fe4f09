using StratoVirt.Definitions;
using StratoVirt.Host.Serial;

namespace StratoVirt.Host.CommandLine;

/// <summary>What a command line asks for, put together: a machine, and how the process that holds it behaves.</summary>
internal sealed record CommandPlan
{
    /// <summary>The machine.</summary>
    public required VmDefinition Definition { get; init; }

    /// <summary>Where its serial port leads.</summary>
    public SerialTarget Serial { get; init; } = SerialTarget.Nowhere;

    /// <summary>Paths of control sockets beside that in the runtime directory.</summary>
    public IReadOnlyList<string> ControlSockets { get; init; } = [];

    /// <summary>Start with the vCPUs held.</summary>
    public bool Frozen { get; init; }

    /// <summary>Go on in the background when the machine runs.</summary>
    public bool Daemonize { get; init; }

    /// <summary>Where the process id is written, or null.</summary>
    public string? PidFile { get; init; }

    /// <summary>Where the process's log goes; null is standard error.</summary>
    public string? LogFile { get; init; }

    /// <summary>Run without system call filters.</summary>
    public bool DisableSeccomp { get; init; }
}
