namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>
/// Where PCI configuration space is mapped (PCI Firmware Specification 3.2 §4.1.2): segment 0, bus 0. It is there from
/// boot, because kernels look once, while the bus itself may appear later.
/// </summary>
internal static class Mcfg
{
    private const byte Revision = 1;

    /// <summary>The table.</summary>
    public static byte[] Build()
    {
        TableWriter body = new();
        body.Zeros(8);
        body.UInt64(Layout.PciEcam);
        body.UInt16(0);
        body.Byte(0);
        body.Byte(0);
        body.Zeros(4);
        return SystemTable.Build("MCFG", Revision, body.Written);
    }
}
