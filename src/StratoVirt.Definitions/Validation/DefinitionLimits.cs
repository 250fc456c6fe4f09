namespace StratoVirt.Definitions.Validation;

/// <summary>The bounds of values in a definition that no record states itself, each with its reason.</summary>
internal static class DefinitionLimits
{
    /// <summary>1 TiB. Whether a host can back a machine is found when it is built; this bound only catches the slip of
    /// a unit. It is QEMU's default guest-physical space too (40 bits), which every server processor with KVM has.</summary>
    internal static readonly ByteSize MaxMemory = new(1UL << 40);

    /// <summary>A page: less history would not hold one screen.</summary>
    internal static readonly ByteSize MinHistory = new(4 << 10);

    /// <summary>It is this process' memory, for each machine.</summary>
    internal static readonly ByteSize MaxHistory = ByteSize.FromMebibytes(64);

    /// <summary>Smaller logs would rotate within one boot's output.</summary>
    internal static readonly ByteSize MinLogLimit = new(64 << 10);

    /// <summary>The runtime directory is a tmpfs, that is memory, and holds two logs of this size for each machine.</summary>
    internal static readonly ByteSize MaxLogLimit = new(1UL << 30);

    /// <summary>PATH_MAX of <c>linux/limits.h</c>, less the terminating zero, in bytes of UTF-8.</summary>
    internal const int MaxPathBytes = 4095;

    /// <summary>COMMAND_LINE_SIZE of x86 (<c>asm/setup.h</c>), 2048, less the terminating zero, in bytes of UTF-8.</summary>
    internal const int MaxCommandLineBytes = 2047;

    /// <summary>Labels are for sorting machines, not for storing data in them.</summary>
    internal const int MaxLabels = 64;

    /// <summary>Characters in a label's key.</summary>
    internal const int MaxLabelKey = 128;

    /// <summary>Characters in a label's value.</summary>
    internal const int MaxLabelValue = 256;

    /// <summary>Rule for the keys of labels: a word, or words in the style of <c>example.com/team</c>.</summary>
    internal const string LabelKeyPattern = "^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$";

    /// <summary>VIRTIO_BLK_ID_BYTES (virtio 1.3 §5.2.6).</summary>
    internal const int MaxSerial = 20;

    /// <summary>More queues than this have no vCPU to serve on most hosts, and each costs an interrupt and a ring.</summary>
    internal const int MaxDiskQueues = 32;

    /// <summary>Queue pairs; the kernel's tap takes 256, guests use one a vCPU and few need more than this.</summary>
    internal const int MaxNetworkQueues = 8;

    /// <summary>Queue pairs that the host's kernel serves: two descriptors each, which go to another process in one message.</summary>
    internal const int MaxVhostQueues = 4;

    /// <summary>The least MTU of IPv4 (RFC 791), and virtio's (virtio 1.3 §5.1.4.1).</summary>
    internal const int MinMtu = 68;

    /// <summary>Context ids below mean hypervisor, loopback and host (virtio 1.3 §5.10.4).</summary>
    internal const int MinCid = 3;

    /// <summary>Most devices: each has a page of registers and interrupts of its own.</summary>
    internal const int MaxDevices = 64;

    /// <summary>Letters first, so that a name is never taken for a number; short enough for a thread's name and a tag.</summary>
    internal const string DeviceNamePattern = "^[A-Za-z][A-Za-z0-9_-]{0,31}$";

    /// <summary>IFNAMSIZ less one, without what ip(8) and sysfs cannot take.</summary>
    internal const string InterfacePattern = "^[^/ %:]{1,15}$";

    /// <summary>Six bytes in hexadecimal.</summary>
    internal const string MacPattern = "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$";

    /// <summary>An AF_UNIX address, less the terminating zero (unix(7), sun_path).</summary>
    internal const int MaxSocketPath = 107;
}
