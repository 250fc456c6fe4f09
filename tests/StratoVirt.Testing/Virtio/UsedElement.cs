namespace StratoVirt.Testing.Virtio;

/// <summary>A request the device has given back.</summary>
/// <param name="Id">What <see cref="DriverQueue.Add"/> returned for it.</param>
/// <param name="Written">Bytes the device says it has written.</param>
public readonly record struct UsedElement(ushort Id, uint Written);
