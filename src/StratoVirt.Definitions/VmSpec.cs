using StratoVirt.Definitions.Devices;

namespace StratoVirt.Definitions;

/// <summary>What a machine is made of.</summary>
public sealed record VmSpec
{
    /// <summary>Fewest vCPUs.</summary>
    public const int MinCpus = 1;

    /// <summary>Most vCPUs: xAPIC ids are 8 bits, 255 is broadcast and the I/O APIC takes one.</summary>
    public const int MaxCpus = 254;

    /// <summary>Least memory.</summary>
    public static readonly ByteSize MinMemory = ByteSize.FromMebibytes(16);

    /// <summary>Most microseconds of <see cref="Polling"/>: longer waits are cheaper slept through on any host.</summary>
    public const int MaxPolling = 1000;

    /// <summary>Memory is a multiple of this: 2 MiB, so that huge pages and memory slots always fit.</summary>
    public static readonly ByteSize MemoryGranule = ByteSize.FromMebibytes(2);

    /// <summary>What is wanted of it.</summary>
    public WantedState State { get; init; } = WantedState.Present;

    /// <summary>The machine model.</summary>
    public MachineModel Machine { get; init; } = MachineModel.MicroVm;

    /// <summary>Number of vCPUs, 1 to 254.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Guest RAM, 16 MiB to 1 TiB, a multiple of 2 MiB.</summary>
    public ByteSize Memory { get; init; } = ByteSize.FromMebibytes(256);

    /// <summary>Describe the machine in ACPI tables; off means an MP table and nothing else.</summary>
    public bool Acpi { get; init; } = true;

    /// <summary>How long I/O threads look for the guest's next request at most before they sleep, while that pays; in
    /// microseconds, 0 to 1000. Zero never looks, which leaves the host's CPUs to others.</summary>
    public int Polling { get; init; } = 32;

    /// <summary>What runs first.</summary>
    public required BootSpec Boot { get; init; }

    /// <summary>The serial console.</summary>
    public ConsoleSpec Console { get; init; } = new();

    /// <summary>Disks, in the order the guest finds them.</summary>
    public IReadOnlyList<DiskSpec> Disks { get; init; } = [];

    /// <summary>Network cards, in the order the guest finds them.</summary>
    public IReadOnlyList<NetworkSpec> Networks { get; init; } = [];

    /// <summary>Ports of the virtio console.</summary>
    public IReadOnlyList<ConsolePortSpec> Ports { get; init; } = [];

    /// <summary>Directories of the host shared with the guest.</summary>
    public IReadOnlyList<ShareSpec> Shares { get; init; } = [];

    /// <summary>Files seen as persistent memory.</summary>
    public IReadOnlyList<PersistentMemorySpec> PersistentMemory { get; init; } = [];

    /// <summary>Memory that grows and shrinks.</summary>
    public IReadOnlyList<MemoryDeviceSpec> MemoryDevices { get; init; } = [];

    /// <summary>A source of random numbers, or null.</summary>
    public EntropySpec? Entropy { get; init; }

    /// <summary>A memory balloon, or null.</summary>
    public BalloonSpec? Balloon { get; init; }

    /// <summary>Sockets between guest and host, or null.</summary>
    public VsockSpec? Vsock { get; init; }

    /// <summary>Limits that several devices share.</summary>
    public IReadOnlyList<RateGroupSpec> RateGroups { get; init; } = [];

    /// <summary>All devices, in the order the guest finds them.</summary>
    public IReadOnlyList<DeviceSpec> ListDevices() =>
    [
        .. Disks, .. Networks, .. Ports, .. Shares, .. PersistentMemory, .. MemoryDevices,
        .. Entropy is null ? [] : (ReadOnlySpan<DeviceSpec>)[Entropy],
        .. Balloon is null ? [] : (ReadOnlySpan<DeviceSpec>)[Balloon],
        .. Vsock is null ? [] : (ReadOnlySpan<DeviceSpec>)[Vsock],
    ];

    /// <summary>Same settings and same devices, in the same order.</summary>
    public bool Equals(VmSpec? other) =>
        other is not null
        && (State, Machine, Cpus, Memory, Acpi, Polling)
            == (other.State, other.Machine, other.Cpus, other.Memory, other.Acpi, other.Polling)
        && Boot == other.Boot
        && Console == other.Console
        && ListDevices().SequenceEqual(other.ListDevices())
        && RateGroups.SequenceEqual(other.RateGroups);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Machine, Cpus, Memory, Boot, Console);
}
