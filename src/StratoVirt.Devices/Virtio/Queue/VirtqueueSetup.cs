using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>What the driver said of one virtqueue before it enabled it, none of it checked.</summary>
/// <param name="Index">The queue's number in its device.</param>
/// <param name="Size">Entries.</param>
/// <param name="DescriptorArea">Split: the descriptor table; packed: the descriptor ring.</param>
/// <param name="DriverArea">Split: the available ring; packed: the driver's event suppression.</param>
/// <param name="DeviceArea">Split: the used ring; packed: the device's event suppression.</param>
public readonly record struct VirtqueueSetup(
    int Index, ushort Size, GuestAddress DescriptorArea, GuestAddress DriverArea, GuestAddress DeviceArea);
