namespace StratoVirt.Devices.Virtio.PersistentMemory;

/// <summary>What a persistent memory device has done.</summary>
/// <param name="Flushes">Flushes asked for.</param>
/// <param name="Failures">Those that failed.</param>
/// <param name="LastError">Why the last of them failed; null when none did.</param>
public readonly record struct PersistentMemoryMetrics(long Flushes, long Failures, string? LastError);
