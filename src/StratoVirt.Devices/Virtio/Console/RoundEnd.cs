namespace StratoVirt.Devices.Virtio.Console;

/// <summary>Why the device has stopped taking from a queue.</summary>
internal enum RoundEnd
{
    /// <summary>It has nothing to do with the queue until the host end, or news for the driver, brings it back.</summary>
    HostWaits,

    /// <summary>The queue is empty: the driver is asked to notify.</summary>
    Drained,

    /// <summary>It has done enough for one round; there may be more.</summary>
    OutOfTurn,
}
