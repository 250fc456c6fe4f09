namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// I/O ports and global system interrupts of the x86_64 microVM's platform devices: the one place that the bus map
/// and the tables describing it to the guest both read. Ports below 0x400 are the PC's own; the block at 0x600 is
/// ours, clear of what kernels probe (QEMU's firmware configuration sits at 0x510, ACPI PM of real chipsets at 0x400,
/// 0x800 and up).
/// </summary>
internal static class PlatformPorts
{
    /// <summary>First serial port (16550), 8 ports.</summary>
    public const ushort Com1 = 0x3F8;

    /// <summary>Ports of a 16550.</summary>
    public const byte Com1Length = 8;

    /// <summary>Interrupt of the first serial port.</summary>
    public const byte Com1Gsi = 4;

    /// <summary>MC146818 index port; the data port follows it.</summary>
    public const ushort Rtc = 0x70;

    /// <summary>Index and data port.</summary>
    public const byte RtcLength = 2;

    /// <summary>i8042 data port.</summary>
    public const ushort I8042Data = 0x60;

    /// <summary>i8042 command and status port; writing 0xFE pulses the reset line.</summary>
    public const ushort I8042Command = 0x64;

    /// <summary>First port of our ACPI block.</summary>
    public const ushort AcpiBlock = 0x600;

    /// <summary>Ports in the ACPI block.</summary>
    public const byte AcpiBlockLength = 8;

    /// <summary>SLEEP_CONTROL_REG (ACPI 6.5 §4.8.3.7): SLP_EN and SLP_TYP.</summary>
    public const ushort SleepControl = AcpiBlock + 0;

    /// <summary>SLEEP_STATUS_REG (ACPI 6.5 §4.8.3.7): WAK_STS.</summary>
    public const ushort SleepStatus = AcpiBlock + 1;

    /// <summary>RESET_REG (ACPI 6.5 §4.8.3.6).</summary>
    public const ushort ResetRegister = AcpiBlock + 2;

    /// <summary>Value the guest writes to <see cref="ResetRegister"/> to be reset.</summary>
    public const byte ResetValue = 1;

    /// <summary>Pending events of the generic event device; a read of one byte returns and clears them.</summary>
    public const ushort EventSelect = AcpiBlock + 4;

    /// <summary>Bit of <see cref="EventSelect"/>: the power button was pressed.</summary>
    public const byte PowerButtonEvent = 1 << 0;

    /// <summary>Bit of <see cref="EventSelect"/>: there is news of a PCI slot.</summary>
    public const byte PciEvent = 1 << 1;

    /// <summary>Registers of PCI hot-plug; see <see cref="Devices.Platform.PciHotplug"/>.</summary>
    public const ushort PciHotplug = 0x610;

    /// <summary>Whether there is a PCI bus at all, and whether that is news; see <see cref="Building.Devices.PciPresence"/>.</summary>
    public const ushort PciPresence = 0x624;

    /// <summary>Ports of <see cref="PciPresence"/>.</summary>
    public const byte PciPresenceLength = 2;

    /// <summary>Where a guest stamps the progress of its boot: each byte written is a mark.</summary>
    public const ushort BootMark = AcpiBlock + 6;

    /// <summary>Interrupt of the generic event device: edge-triggered, active high.</summary>
    public const byte EventGsi = 9;

    /// <summary>SLP_TYP the guest writes for S5 (soft off); any value the DSDT's <c>\_S5</c> names would do.</summary>
    public const byte SoftOffSleepType = 5;

    /// <summary>SLP_EN of SLEEP_CONTROL_REG: the sleep type written takes effect.</summary>
    public const byte SleepEnable = 1 << 5;

    /// <summary>Lowest bit of the three-bit SLP_TYP field of SLEEP_CONTROL_REG.</summary>
    public const int SleepTypeShift = 2;
}
