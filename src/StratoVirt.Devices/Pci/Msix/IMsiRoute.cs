using StratoVirt.Devices.Interrupts;

namespace StratoVirt.Devices.Pci.Msix;

/// <summary>
/// One message-signalled interrupt on its way to the guest. The machine supplies one that is an irqfd with a routing
/// entry; tests supply one that counts. <see cref="IInterruptLine.Trigger"/> is called only while it is not masked, never
/// at the same time as <see cref="Update"/>, and never after disposal.
/// </summary>
public interface IMsiRoute : IInterruptLine, IDisposable
{
    /// <summary>The guest has changed the message, or whether it wants it. Throws nothing for whatever a guest has written.</summary>
    /// <param name="address">Where the message is written to.</param>
    /// <param name="data">What is written.</param>
    /// <param name="masked">Whether nothing may be sent.</param>
    void Update(ulong address, uint data, bool masked);
}
