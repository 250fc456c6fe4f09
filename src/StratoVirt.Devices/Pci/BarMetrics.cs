namespace StratoVirt.Devices.Pci;

/// <summary>What became of the addresses guests gave to base address registers, since the mapper was made.</summary>
/// <param name="Mapped">Times a range was put on the bus.</param>
/// <param name="OutsideWindows">Times a guest chose an address that is no PCI window: over RAM, a chip, or garbage.</param>
/// <param name="Overlapping">Times a guest chose an address where something else answers.</param>
public readonly record struct BarMetrics(ulong Mapped, ulong OutsideWindows, ulong Overlapping);
