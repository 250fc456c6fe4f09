namespace StratoVirt.Devices.Pci;

/// <summary>Who a PCI function says it is.</summary>
/// <param name="Vendor">Vendor ID.</param>
/// <param name="Device">Device ID.</param>
/// <param name="Revision">Revision ID.</param>
/// <param name="Class">Base class, sub-class and programming interface, 24 bits.</param>
/// <param name="SubsystemVendor">Subsystem vendor ID.</param>
/// <param name="SubsystemDevice">Subsystem ID.</param>
public sealed record PciIdentity(
    ushort Vendor, ushort Device, byte Revision, uint Class, ushort SubsystemVendor, ushort SubsystemDevice);
