using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>Finds the memory of a ring the driver has placed.</summary>
internal static class RingArea
{
    /// <summary>The whole area, in one piece; false when it is not aligned or not in one piece of guest memory.</summary>
    public static bool TryGet(GuestMemory memory, GuestAddress address, int length, uint alignment, out GuestBuffer area)
    {
        area = default;
        return address.Value % alignment == 0
            && memory.TryGetBuffer(address, (uint)length, out area)
            && area.Length == length;
    }
}
