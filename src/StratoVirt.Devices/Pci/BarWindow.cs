namespace StratoVirt.Devices.Pci;

/// <summary>A range of guest physical addresses that the host bridge forwards to its devices.</summary>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes; the window ends at 2^64 at the latest.</param>
public readonly record struct BarWindow(ulong Start, ulong Length)
{
    /// <summary>Whether a whole range lies inside.</summary>
    public bool Contains(ulong address, ulong length) =>
        address >= Start && length <= Length && address - Start <= Length - length;
}
