namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>How a balloon is made.</summary>
public sealed record BalloonConfiguration
{
    /// <summary>Whether a guest that runs out of memory may take pages out of the balloon by itself.</summary>
    public bool DeflateOnOutOfMemory { get; init; }

    /// <summary>Whether the guest is offered to report free pages, which go back to the host at once.</summary>
    public bool FreePageReporting { get; init; }

    /// <summary>Time between two requests for statistics; zero for none.</summary>
    public TimeSpan StatisticsInterval { get; init; }
}
