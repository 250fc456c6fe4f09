using StratoVirt.Definitions.Devices;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>What the user calls a device, where one virtio device holds several.</summary>
/// <param name="Spec">What was asked for.</param>
/// <param name="Metrics">Its counters.</param>
/// <param name="Problem">What is wrong with it alone; null when nothing is.</param>
internal sealed record DevicePart(DeviceSpec Spec, object Metrics, string? Problem);
