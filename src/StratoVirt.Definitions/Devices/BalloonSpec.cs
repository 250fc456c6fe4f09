namespace StratoVirt.Definitions.Devices;

/// <summary>A memory balloon: takes memory from the guest and gives it to the host.</summary>
public sealed record BalloonSpec : DeviceSpec
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "balloon";

    /// <summary>Memory taken from the guest at start.</summary>
    public ByteSize Size { get; init; }

    /// <summary>A guest short of memory takes it back from the balloon.</summary>
    public bool DeflateOnOom { get; init; } = true;

    /// <summary>The guest reports pages as they become free, and the host has them back at once.</summary>
    public bool FreePageReporting { get; init; } = true;

    /// <summary>Seconds between the guest's statistics; 0 for none.</summary>
    public int StatisticsInterval { get; init; }
}
