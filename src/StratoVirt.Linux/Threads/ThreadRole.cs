namespace StratoVirt.Linux.Threads;

/// <summary>What a thread of the engine is for, and so what it may ever need of the kernel.</summary>
public enum ThreadRole
{
    /// <summary>Carries out requests: builds, changes and ends machines.</summary>
    Control,

    /// <summary>Runs a virtual processor and handles its exits.</summary>
    Vcpu,

    /// <summary>Serves devices from an event loop.</summary>
    Io,

    /// <summary>Does blocking file I/O for a disk.</summary>
    Worker,

    /// <summary>Writes a console's output to its file.</summary>
    Log,

    /// <summary>Is the runtime's own: runs finalizers.</summary>
    Runtime,
}
