using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>A virtio-mmio transport as the guest is told of it.</summary>
/// <param name="Registers">Its register window, at most 4 GiB - 1 and below 4 GiB.</param>
/// <param name="Gsi">Its interrupt: edge-triggered, active high.</param>
/// <param name="SharesGsi">Whether another transport has the same interrupt.</param>
internal readonly record struct MmioSlot(GuestRange Registers, byte Gsi, bool SharesGsi = false);
