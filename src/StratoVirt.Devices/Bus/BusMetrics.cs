namespace StratoVirt.Devices.Bus;

/// <summary>Accesses that no device took.</summary>
/// <param name="UnclaimedReads">Reads, answered with ones.</param>
/// <param name="UnclaimedWrites">Writes, dropped.</param>
/// <param name="LastUnclaimedAddress">Where the latest of either was; 0 when there was none.</param>
public readonly record struct BusMetrics(ulong UnclaimedReads, ulong UnclaimedWrites, ulong LastUnclaimedAddress);
