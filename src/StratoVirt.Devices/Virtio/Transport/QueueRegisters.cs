using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Transport;

/// <summary>What the driver has written about one queue.</summary>
internal struct QueueRegisters
{
    /// <summary>Entries chosen.</summary>
    public ushort Size;

    /// <summary>Whether the driver has enabled the queue; its other registers are fixed from then on.</summary>
    public bool Enabled;

    /// <summary>Descriptor area, GPA.</summary>
    public ulong DescriptorArea;

    /// <summary>Driver area, GPA.</summary>
    public ulong DriverArea;

    /// <summary>Device area, GPA.</summary>
    public ulong DeviceArea;

    /// <summary>The registers as the queue's end takes them.</summary>
    public readonly VirtqueueSetup Describe(int index) => new(
        index, Size, new GuestAddress(DescriptorArea), new GuestAddress(DriverArea), new GuestAddress(DeviceArea));
}
