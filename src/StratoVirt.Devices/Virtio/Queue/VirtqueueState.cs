namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>Where a device stood in a virtqueue's rings.</summary>
/// <param name="Available">Split: the available index looked at next. Packed: the ring position, wrap counter in bit 15.</param>
/// <param name="Used">Split: the used index written next. Packed: the ring position, wrap counter in bit 15.</param>
public readonly record struct VirtqueueState(ushort Available, ushort Used);
