namespace StratoVirt.Definitions.Devices;

/// <summary>A file that the guest sees as memory that keeps its content (virtio-pmem, <c>/dev/pmem0</c>, DAX).</summary>
public sealed record PersistentMemorySpec : DeviceSpec
{
    /// <inheritdoc/>
    public required override string Name { get; init; }

    /// <summary>Path of the file, a multiple of 2 MiB long.</summary>
    public required string Path { get; init; }

    /// <summary>The guest's writes go to memory of its own and are forgotten.</summary>
    public bool ReadOnly { get; init; }
}
