using StratoVirt.Definitions;
using StratoVirt.Machine.Jail;

namespace StratoVirt.Machine.Detached;

/// <summary>
/// What a host process is to run: a resolved definition and its places on the host. Written by whoever starts the
/// process, read by it once, from descriptor <see cref="Descriptor"/>.
/// </summary>
public sealed record HostOrder
{
    /// <summary>The host process's descriptor that takes its <see cref="HostAnswer"/>.</summary>
    public const int AnswerDescriptor = 3;

    /// <summary>The host process's descriptor that holds the order.</summary>
    public const int Descriptor = 4;

    /// <summary>The host process's descriptor of the kernel, where <see cref="KernelStart"/> says that there is one.</summary>
    public const int KernelDescriptor = 5;

    /// <summary>The host process's only argument when an order waits for it.</summary>
    public const string Argument = "--order";

    /// <summary>What is to run.</summary>
    public required VmDefinition Definition { get; init; }

    /// <summary>Directory against which relative paths in the definition are resolved.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Root of the runtime directories.</summary>
    public required string RuntimeRoot { get; init; }

    /// <summary>Root of the store the definition came from, or null when it came from none.</summary>
    public string? StoreHome { get; init; }

    /// <summary>Where in the file on <see cref="KernelDescriptor"/> the kernel begins, in bytes; null when no file is
    /// handed over, and the definition's path is opened.</summary>
    public long? KernelStart { get; init; }

    /// <summary>Builds the machine and leaves its vCPUs held, for somebody to start it over the control socket.</summary>
    public bool Paused { get; init; }

    /// <summary>Paths of control sockets beside that in the runtime directory.</summary>
    public IReadOnlyList<string> ControlSockets { get; init; } = [];

    /// <summary>File that what the serial port prints is appended to, or null.</summary>
    public string? SerialFile { get; init; }

    /// <summary>File that holds the process's id while the machine exists, or null.</summary>
    public string? PidFile { get; init; }

    /// <summary>Whether the process takes from its threads what they never need, before the guest runs.</summary>
    public bool Contained { get; init; } = true;

    /// <summary>Whether the machine is to run in a jail: an empty root in namespaces of its own. Needs root.</summary>
    public bool Jailed { get; init; }

    /// <summary>Inherited descriptors that its devices take in place of opening anything.</summary>
    public IReadOnlyList<JailEnd> Ends { get; init; } = [];

    /// <summary>Who the process is, when it is inside of its jail already; null outside.</summary>
    public JailIdentity? Inside { get; init; }
}
