namespace StratoVirt.Machine.Jail;

/// <summary>An inherited descriptor that a device in a jail takes in place of opening something by name.</summary>
/// <param name="Device">The device's name. Several of one device come one behind the other, in the order in
/// which it takes them.</param>
/// <param name="Descriptor">The descriptor's number.</param>
/// <param name="Mtu">Of a tap's queue: the MTU of its interface.</param>
public sealed record JailEnd(string Device, int Descriptor, int? Mtu = null);
