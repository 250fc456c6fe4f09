using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Queue;

internal static class PackedVirtqueue
{
    public static VirtqueueFault TryCreate(
        in VirtqueueSetup setup, VirtqueueOptions options, GuestMemory memory, out Virtqueue? queue)
    {
        queue = null;
        return VirtqueueFault.BadRing;
    }
}
