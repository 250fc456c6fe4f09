using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Net;

/// <summary>A split virtqueue for the kernel to serve. Addresses are this process's.</summary>
/// <param name="Size">Entries.</param>
/// <param name="Base">The available index to begin at.</param>
/// <param name="Descriptors">The descriptor table.</param>
/// <param name="Available">The available ring.</param>
/// <param name="Used">The used ring.</param>
/// <param name="Kick">Signalled by the guest.</param>
/// <param name="Call">Signalled by the kernel when it has used buffers.</param>
/// <param name="Broken">Signalled by the kernel when it finds the queue broken, which it then leaves alone.</param>
public readonly record struct VhostRing(
    ushort Size, ushort Base, nint Descriptors, nint Available, nint Used, EventFd Kick, EventFd Call, EventFd Broken);
