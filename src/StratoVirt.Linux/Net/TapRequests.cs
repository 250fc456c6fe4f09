using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Net;

/// <summary>The ioctl requests of taps and their interfaces, for those who filter what a thread may ask of the kernel.</summary>
public static class TapRequests
{
    /// <summary>What changes while a guest uses a tap, by its wish; and whether the tap is still there.</summary>
    public static IReadOnlyList<uint> OfUse { get; } = [LibC.TUNSETOFFLOAD, LibC.TUNSETQUEUE, LibC.TUNGETIFF];

    /// <summary>What opening one takes, beside.</summary>
    public static IReadOnlyList<uint> OfOpening { get; } =
    [
        LibC.TUNSETIFF, LibC.TUNSETVNETHDRSZ, LibC.TUNSETPERSIST,
        LibC.SIOCGIFFLAGS, LibC.SIOCSIFFLAGS, LibC.SIOCGIFMTU, LibC.SIOCSIFMTU,
    ];
}
