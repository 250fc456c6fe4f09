namespace StratoVirt.Definitions.Devices;

/// <summary>Memory that grows and shrinks while the guest runs (virtio-mem).</summary>
public sealed record MemoryDeviceSpec : DeviceSpec
{
    /// <inheritdoc/>
    public required override string Name { get; init; }

    /// <summary>The most it can have, a multiple of the block size.</summary>
    public required ByteSize Maximum { get; init; }

    /// <summary>What the guest is asked to plug in, a multiple of the block size.</summary>
    public ByteSize Size { get; init; }

    /// <summary>The unit it grows and shrinks by: a power of two, 2 MiB at least.</summary>
    public ByteSize BlockSize { get; init; } = ByteSize.FromMebibytes(2);
}
