namespace StratoVirt.Devices.Pci;

/// <summary>
/// Device 0 of the root bus. It has nothing to configure; kernels that probe the configuration ports look for its class
/// before they believe that there is a bus.
/// </summary>
public sealed class HostBridge : PciDevice
{
    // The IDs QEMU's generic PCI Express host bridge has: a bridge that no driver wants to program.
    private static readonly PciIdentity Generic = new(
        Vendor: 0x1B36, Device: 0x0008, Revision: 0, Class: 0x06_00_00, SubsystemVendor: 0x1AF4, SubsystemDevice: 0x1100);

    /// <summary>A host bridge.</summary>
    public HostBridge()
        : base("host bridge", Generic)
    {
    }
}
