namespace StratoVirt.Linux.Net;

/// <summary>A region of guest memory for the kernel to serve queues in.</summary>
/// <param name="GuestAddress">Its guest physical address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="HostAddress">Where this process has it mapped.</param>
public readonly record struct VhostRegion(ulong GuestAddress, ulong Length, nint HostAddress);
