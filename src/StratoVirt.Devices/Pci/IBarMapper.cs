using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Pci;

/// <summary>
/// Puts what lies behind a base address register where the guest wants it. The machine supplies it, so that devices know
/// no address space. Callable from any thread; throws nothing for whatever a guest has written.
/// </summary>
public interface IBarMapper
{
    /// <summary>Makes a device answer at an address.</summary>
    /// <param name="address">First address, a multiple of <paramref name="length"/>.</param>
    /// <param name="length">Bytes, a power of two.</param>
    /// <param name="name">What to call the range in listings.</param>
    /// <param name="device">Who answers.</param>
    /// <returns>False when the address is not the bus's to give away, or is taken: then nothing is mapped.</returns>
    bool TryMap(ulong address, ulong length, string name, IBusDevice device);

    /// <summary>Takes back what <see cref="TryMap"/> put at an address.</summary>
    void Unmap(ulong address);
}
