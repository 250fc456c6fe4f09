using StratoVirt.Backends.Io;
using StratoVirt.Memory;

namespace StratoVirt.Backends.Net.Vhost;

/// <summary>A split virtqueue for the host's kernel to serve.</summary>
/// <param name="Size">Entries.</param>
/// <param name="Base">The available index to begin at.</param>
/// <param name="DescriptorArea">The descriptor table.</param>
/// <param name="DriverArea">The available ring.</param>
/// <param name="DeviceArea">The used ring.</param>
/// <param name="Kick">Rung by the guest.</param>
/// <param name="Call">Rung by the kernel when it has used buffers.</param>
/// <param name="Broken">Rung by the kernel when the driver has broken the queue.</param>
public readonly record struct VhostQueue(
    ushort Size,
    ushort Base,
    GuestAddress DescriptorArea,
    GuestAddress DriverArea,
    GuestAddress DeviceArea,
    Doorbell Kick,
    Doorbell Call,
    Doorbell Broken);
