namespace StratoVirt.Definitions.Devices;

/// <summary>A directory of the host that the guest mounts by its tag, the device's name (<c>mount -t virtiofs NAME /mnt</c>).</summary>
public sealed record ShareSpec : DeviceSpec
{
    /// <inheritdoc/>
    public required override string Name { get; init; }

    /// <summary>Path of the directory.</summary>
    public required string Path { get; init; }

    /// <summary>The guest may not write.</summary>
    public bool ReadOnly { get; init; }
}
