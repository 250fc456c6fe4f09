namespace StratoVirt.PowerShell;

/// <summary>What a device is.</summary>
public enum StratoDeviceKind
{
    /// <summary>A disk.</summary>
    Disk,

    /// <summary>A network card.</summary>
    Network,

    /// <summary>A port of the virtio console.</summary>
    Port,

    /// <summary>A directory of the host.</summary>
    Share,

    /// <summary>A file seen as memory that keeps its content.</summary>
    PersistentMemory,

    /// <summary>Memory that grows and shrinks.</summary>
    Memory,

    /// <summary>A source of random numbers.</summary>
    Entropy,

    /// <summary>A memory balloon.</summary>
    Balloon,

    /// <summary>Sockets between guest and host.</summary>
    Vsock,
}
