using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi.Arm64;

/// <summary>What epoll reports, with natural alignment.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct epoll_event
{
    internal uint events;
    internal ulong data;
}
