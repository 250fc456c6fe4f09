using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Net;

/// <summary>The ioctl requests of vhost-net, for those who filter what a thread may ask of the kernel.</summary>
public static class VhostRequests
{
    /// <summary>What taking one over takes.</summary>
    public static IReadOnlyList<uint> OfOpening { get; } = [LibC.VHOST_GET_FEATURES];

    /// <summary>What giving queues to the kernel and taking them back takes, which a driver causes.</summary>
    public static IReadOnlyList<uint> OfUse { get; } =
    [
        LibC.VHOST_SET_OWNER, LibC.VHOST_SET_FEATURES, LibC.VHOST_SET_MEM_TABLE, LibC.VHOST_SET_VRING_NUM,
        LibC.VHOST_SET_VRING_BASE, LibC.VHOST_SET_VRING_ADDR, LibC.VHOST_SET_VRING_KICK, LibC.VHOST_SET_VRING_CALL,
        LibC.VHOST_SET_VRING_ERR, LibC.VHOST_NET_SET_BACKEND, LibC.VHOST_GET_VRING_BASE,
    ];
}
