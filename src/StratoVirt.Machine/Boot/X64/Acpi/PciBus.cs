using StratoVirt.Devices.Pci;
using StratoVirt.Machine.Boot.X64.Acpi.Aml;
using StratoVirt.Memory;
using PciHotplug = StratoVirt.Devices.Platform.PciHotplug;

namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>
/// The PCI root bus in AML. It says of itself that it is not there (<c>_STA</c>) until the machine's first hot-plug, so
/// that a boot without PCI devices scans none; then the guest is notified of the bus and, from then on, of its slots.
/// </summary>
internal static class PciBus
{
    /// <summary>Tells the guest what is new on the bus; the event device calls it.</summary>
    public const string NewsMethod = "\\_SB.PNEW";

    private const string BridgePath = "\\_SB.PCI0";
    private const byte DeviceCheck = 1;
    private const byte EjectRequest = 3;
    private const byte PresentAndWorking = 0x0F;

    // 33DB4D5B-1FF7-401C-9657-7441C03DD766 in the mixed order of the UUIDs in AML (PCI Firmware 3.2 §4.5.1; ACPI 6.5 §19.6.142).
    private static readonly byte[] OperatingSystemCapabilities =
        [0x5B, 0x4D, 0xDB, 0x33, 0xF7, 0x1F, 0x1C, 0x40, 0x96, 0x57, 0x74, 0x41, 0xC0, 0x3D, 0xD7, 0x66];

    /// <summary>The objects to put into <c>\_SB</c>.</summary>
    /// <param name="highWindow">Where devices may be placed above RAM.</param>
    public static IReadOnlyList<AmlTerm> Describe(GuestRange highWindow) =>
    [
        Term.IoRegion("PREG", PlatformPorts.PciHotplug, (byte)PciHotplug.Length),
        Term.DoubleWordFields("PREG", "PUP_", "PDWN", "PEJT"),
        Term.IoRegion("BREG", PlatformPorts.PciPresence, PlatformPorts.PciPresenceLength),
        Term.ByteFields("BREG", "PPRE", "PNWS"),
        ConfigurationSpace(),
        RootBridge(highWindow),
        News(),
    ];

    // Kernels believe the MCFG table only where a motherboard resource (PNP0C02) reserves what it speaks of
    // (PCI Firmware 3.2 §4.1.2).
    private static AmlTerm ConfigurationSpace() => Term.Device(
        "ECAM",
        Term.Name("_HID", Term.EisaId("PNP0C02")),
        Term.Name("_UID", Term.Integer(0)),
        Term.Name("_CRS", Term.Resources(Resource.Memory((uint)Layout.PciEcam, (uint)Layout.PciEcamLength))));

    private static AmlTerm RootBridge(GuestRange highWindow)
    {
        List<AmlTerm> objects =
        [
            Term.Name("_HID", Term.EisaId("PNP0A08")),
            Term.Name("_CID", Term.EisaId("PNP0A03")),
            Term.Name("_UID", Term.Integer(0)),
            Term.Name("_SEG", Term.Integer(0)),
            Term.Name("_BBN", Term.Integer(0)),
            Term.Name("_CRS", Term.Resources(
                Resource.BusNumbers(0, 0),
                Resource.Window32((uint)Layout.PciWindow, (uint)Layout.PciWindowLength),
                Resource.Window64(highWindow.Start.Value, highWindow.Length))),
            Term.Method(
                "_STA",
                0,
                Term.StoreInLocal0(Term.Path("PPRE")),
                Term.IfLocal0Has(1, Term.Return(Term.Integer(PresentAndWorking))),
                Term.Return(Term.Integer(0))),
            Capabilities(),
        ];
        for (int slot = 1; slot < PciRoot.SlotCount; slot++)
        {
            objects.Add(Slot(slot));
        }

        return Term.Device("PCI0", [.. objects]);
    }

    // Gives control of nothing: there are no ports, and hot-plug is ACPI's (PCI Firmware 3.2 §4.5.1).
    private static AmlTerm Capabilities()
    {
        const ulong UnrecognisedUuid = 1 << 2;
        const ulong ControlOffset = 8;
        AmlTerm buffer = Term.Argument(3);
        return Term.Method(
            "_OSC",
            4,
            Term.DoubleWordOf(buffer, 0, "CDW1"),
            Term.If(
                Term.AreEqual(Term.Argument(0), Term.Buffer(OperatingSystemCapabilities)),
                Term.DoubleWordOf(buffer, ControlOffset, "CDW3"),
                Term.Store(Term.Integer(0), "CDW3")),
            Term.Else(Term.Store(Term.Or(Term.Path("CDW1"), UnrecognisedUuid), "CDW1")),
            Term.Return(buffer));
    }

    private static AmlTerm Slot(int slot) => Term.Device(
        NameOf(slot),
        Term.Name("_ADR", Term.Integer((ulong)slot << 16)),
        Term.Name("_SUN", Term.Integer((ulong)slot)),
        Term.Method("_EJ0", 1, Term.Store(Term.Integer(1UL << slot), "PEJT")));

    // Each register forgets its news when it is read, so each is read once.
    private static AmlTerm News()
    {
        List<AmlTerm> statements =
        [
            Term.StoreInLocal0(Term.Path("PNWS")),
            Term.IfLocal0Has(1, Term.Notify(BridgePath, DeviceCheck)),
            Term.StoreInLocal0(Term.Path("PUP_")),
        ];
        AddSlots(statements, DeviceCheck);
        statements.Add(Term.StoreInLocal0(Term.Path("PDWN")));
        AddSlots(statements, EjectRequest);
        return Term.Method("PNEW", 0, [.. statements]);
    }

    private static void AddSlots(List<AmlTerm> statements, byte notification)
    {
        for (int slot = 1; slot < PciRoot.SlotCount; slot++)
        {
            statements.Add(Term.IfLocal0Has(1UL << slot, Term.Notify($"{BridgePath}.{NameOf(slot)}", notification)));
        }
    }

    private static string NameOf(int slot) => $"S{slot:X2}_";
}
