namespace StratoVirt.Devices.Pci.Msix;

/// <summary>Gives out ways for message-signalled interrupts to reach the guest. The machine supplies it.</summary>
public interface IMsiRouter
{
    /// <summary>A way that is masked and has no message yet. Called while a device is being made, never by a guest.</summary>
    /// <exception cref="InvalidOperationException">The machine has none left.</exception>
    IMsiRoute Allocate();
}
