using StratoVirt.Backends.Io;
using StratoVirt.Memory;

namespace StratoVirt.Backends.VhostUser;

/// <summary>A queue for a back-end to serve.</summary>
/// <param name="Index">Its number in the device.</param>
/// <param name="Size">Entries.</param>
/// <param name="Base">The available index to begin at.</param>
/// <param name="DescriptorArea">The descriptor table.</param>
/// <param name="DriverArea">The available ring.</param>
/// <param name="DeviceArea">The used ring.</param>
/// <param name="Kick">Rung by the guest.</param>
/// <param name="Call">Rung by the back-end when it has used buffers.</param>
public readonly record struct VhostUserQueue(
    int Index,
    ushort Size,
    ushort Base,
    GuestAddress DescriptorArea,
    GuestAddress DriverArea,
    GuestAddress DeviceArea,
    Doorbell Kick,
    Doorbell Call);
