namespace StratoVirt.Guests.Platform;

/// <summary>I/O ports the guests use.</summary>
internal static class Ports
{
    /// <summary>First serial port, a 16550A (its registers follow).</summary>
    public const ushort Com1 = 0x3F8;
    public const ushort Com1InterruptEnable = Com1 + 1;
    public const ushort Com1InterruptIdentification = Com1 + 2;
    public const ushort Com1FifoControl = Com1 + 2;
    public const ushort Com1LineControl = Com1 + 3;
    public const ushort Com1ModemControl = Com1 + 4;
    public const ushort Com1LineStatus = Com1 + 5;
    public const ushort Com1Scratch = Com1 + 7;

    /// <summary>Real-time clock index and data.</summary>
    public const byte CmosIndex = 0x70;
    public const byte CmosData = 0x71;

    /// <summary>Interrupt masks of the two 8259s.</summary>
    public const byte Pic1Mask = 0x21;
    public const byte Pic2Mask = 0xA1;

    /// <summary>Keyboard controller command and status.</summary>
    public const byte I8042Command = 0x64;

    /// <summary>ACPI sleep control of the microVM; the FADT says so too.</summary>
    public const ushort SleepControl = 0x600;

    /// <summary>Pending events of the microVM's generic event device; a read clears them.</summary>
    public const ushort EventSelect = 0x604;

    /// <summary>The event that says the power button was pressed.</summary>
    public const byte PowerButton = 1;

    /// <summary>A byte written here is a boot mark: the VMM notes it and the time.</summary>
    public const ushort BootMark = 0x606;

    /// <summary>The POST code port: on the microVM nothing answers there.</summary>
    public const byte Post = 0x80;

    /// <summary>ACPI 6.5, 4.8.3.7: SLP_TYP 5 in bits 2-4 and SLP_EN in bit 5. The microVM and QEMU's use type 5.</summary>
    public const byte SleepS5 = (5 << 2) | 0x20;
}
