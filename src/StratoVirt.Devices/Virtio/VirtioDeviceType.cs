namespace StratoVirt.Devices.Virtio;

/// <summary>Device ids (virtio 1.3 §5).</summary>
public enum VirtioDeviceType
{
    /// <summary>No device: an empty transport.</summary>
    None = 0,

    /// <summary>Network card (§5.1).</summary>
    Network = 1,

    /// <summary>Block device (§5.2).</summary>
    Block = 2,

    /// <summary>Console (§5.3).</summary>
    Console = 3,

    /// <summary>Entropy source (§5.4).</summary>
    Entropy = 4,

    /// <summary>Memory balloon (§5.5).</summary>
    Balloon = 5,

    /// <summary>Socket device (§5.10).</summary>
    Vsock = 19,

    /// <summary>Memory device (§5.15).</summary>
    Memory = 24,

    /// <summary>File system device (§5.11).</summary>
    FileSystem = 26,

    /// <summary>Persistent memory device (§5.19).</summary>
    PersistentMemory = 27,
}
