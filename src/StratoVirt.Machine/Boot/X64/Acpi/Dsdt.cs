using StratoVirt.Machine.Boot.X64.Acpi.Aml;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>
/// The differentiated system description table: the microVM's devices in AML. Soft off, the first serial port, the
/// clock, the power button, a PCI bus that may appear, the event device that tells of both, and the virtio-mmio
/// transports.
/// </summary>
internal static class Dsdt
{
    /// <summary>Revision 2 makes AML integers 64 bits wide.</summary>
    private const byte Revision = 2;

    /// <summary>Notification value of a pressed power button (ACPI 6.5 §5.6.6).</summary>
    private const byte ButtonPressed = 0x80;

    private const string PowerButtonPath = "\\_SB.PWRB";

    /// <summary>The table.</summary>
    public static byte[] Build(IReadOnlyList<MmioSlot> slots, GuestRange pciHighWindow)
    {
        AmlTerm softOff = Term.Name("_S5", Term.Package(
            Term.Integer(PlatformPorts.SoftOffSleepType), Term.Integer(0), Term.Integer(0), Term.Integer(0)));
        List<AmlTerm> devices =
        [
            SerialPort(), Clock(), PowerButton(), .. PciBus.Describe(pciHighWindow), EventDevice(),
        ];
        for (int i = 0; i < slots.Count; i++)
        {
            devices.Add(VirtioMmio(i, slots[i]));
        }

        AmlTerm bus = Term.Scope("\\_SB", [.. devices]);
        return SystemTable.Build("DSDT", Revision, [.. softOff.Bytes, .. bus.Bytes]);
    }

    private static AmlTerm SerialPort() => Term.Device(
        "COM1",
        Term.Name("_HID", Term.EisaId("PNP0501")),
        Term.Name("_UID", Term.Integer(1)),
        Term.Name("_CRS", Term.Resources(
            Resource.Io(PlatformPorts.Com1, PlatformPorts.Com1Length), Resource.EdgeInterrupt(PlatformPorts.Com1Gsi))));

    private static AmlTerm Clock() => Term.Device(
        "RTC_",
        Term.Name("_HID", Term.EisaId("PNP0B00")),
        Term.Name("_CRS", Term.Resources(Resource.Io(PlatformPorts.Rtc, PlatformPorts.RtcLength))));

    private static AmlTerm PowerButton() => Term.Device("PWRB", Term.Name("_HID", Term.EisaId("PNP0C0C")));

    // The generic event device (ACPI 6.5 §5.6.9): its interrupt runs _EVT, which reads and so clears the pending events.
    private static AmlTerm EventDevice() => Term.Device(
        "GED_",
        Term.Name("_HID", Term.Text("ACPI0013")),
        Term.Name("_UID", Term.Integer(0)),
        Term.Name("_CRS", Term.Resources(Resource.EdgeInterrupt(PlatformPorts.EventGsi))),
        Term.IoRegion("EREG", PlatformPorts.EventSelect, 1),
        Term.ByteFields("EREG", "ESEL"),
        Term.Method(
            "_EVT",
            1,
            Term.StoreInLocal0(Term.Path("ESEL")),
            Term.IfLocal0Has(PlatformPorts.PowerButtonEvent, Term.Notify(PowerButtonPath, ButtonPressed)),
            Term.IfLocal0Has(PlatformPorts.PciEvent, Term.Call(PciBus.NewsMethod))));

    private static AmlTerm VirtioMmio(int index, MmioSlot slot) => Term.Device(
        $"VR{index:X2}",
        Term.Name("_HID", Term.Text("LNRO0005")),
        Term.Name("_UID", Term.Integer((ulong)index)),
        Term.Name("_CRS", Term.Resources(
            Resource.Memory((uint)slot.Registers.Start.Value, (uint)slot.Registers.Length),
            Resource.EdgeInterrupt(slot.Gsi, slot.SharesGsi))));
}
