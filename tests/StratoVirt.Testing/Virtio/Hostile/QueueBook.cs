namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>What a driver has under way in one queue, and what became of the memory of requests that are over.</summary>
internal sealed class QueueBook
{
    /// <summary>Requests the device has not answered, by id.</summary>
    public Dictionary<ushort, RequestPlan> Outstanding { get; } = [];

    /// <summary>Whether the driver has kept its side of the rings, so that what the device writes there means something.</summary>
    public bool IsTrusted { get; set; }
}
