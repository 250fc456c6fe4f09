namespace StratoVirt.Devices.Virtio.Net;

/// <summary>What commands of a driver change. False: it cannot be had, and nothing has changed.</summary>
internal interface INetControlled
{
    /// <summary>Changes the hardware address.</summary>
    bool TrySetMac(MacAddress mac);

    /// <summary>Changes how many pairs of queues are in use, from the first.</summary>
    bool TrySetPairs(int pairs);

    /// <summary>Changes what the driver takes in frames it receives.</summary>
    /// <param name="features">Feature bits GUEST_CSUM, GUEST_TSO4 and so on.</param>
    bool TrySetGuestOffloads(ulong features);
}
