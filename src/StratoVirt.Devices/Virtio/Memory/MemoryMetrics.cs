namespace StratoVirt.Devices.Virtio.Memory;

/// <summary>How a memory device stands.</summary>
/// <param name="RequestedBytes">What the guest is asked to plug in.</param>
/// <param name="PluggedBytes">What it has plugged in.</param>
/// <param name="PlugRequests">Requests to plug granted.</param>
/// <param name="UnplugRequests">Requests to unplug granted.</param>
/// <param name="Refused">Requests refused.</param>
public readonly record struct MemoryMetrics(ulong RequestedBytes, ulong PluggedBytes, long PlugRequests, long UnplugRequests, long Refused);
