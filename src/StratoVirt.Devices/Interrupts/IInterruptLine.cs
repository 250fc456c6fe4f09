namespace StratoVirt.Devices.Interrupts;

/// <summary>
/// An edge-triggered interrupt input of the machine, as a device sees it. The machine supplies one that is an irqfd;
/// tests supply one that counts. Callable from any thread; allocates nothing.
/// </summary>
public interface IInterruptLine
{
    /// <summary>Delivers one edge.</summary>
    void Trigger();
}
