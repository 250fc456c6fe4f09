using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi.X64;

/// <summary>What epoll reports. The kernel packs it on x86_64, and there only (EPOLL_PACKED).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct epoll_event
{
    internal uint events;
    internal ulong data;
}
