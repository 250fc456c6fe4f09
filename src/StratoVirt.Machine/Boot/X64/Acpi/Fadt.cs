using System.Buffers.Binary;

namespace StratoVirt.Machine.Boot.X64.Acpi;

/// <summary>The fixed ACPI description table, revision 6.5 (ACPI 6.5 §5.2.9). Offsets are from the table's start.</summary>
internal static class Fadt
{
    private const byte Revision = 6;
    private const byte MinorRevision = 5;
    private const int Length = 276;

    private const int IaPcBootArchitecture = 109;
    private const int Flags = 112;
    private const int ResetRegister = 116;
    private const int ResetValue = 128;
    private const int MinorVersion = 131;
    private const int ExtendedDsdt = 140;
    private const int SleepControlRegister = 244;
    private const int SleepStatusRegister = 256;
    private const int HypervisorVendor = 268;

    /// <summary>VGA Not Present. 8042 stays clear: the one there resets the machine and has no keyboard. So does CMOS
    /// RTC Not Present: there is one.</summary>
    private const ushort BootArchitecture = 1 << 2;

    private const uint WriteBackInvalidate = 1 << 0;
    private const uint ControlMethodPowerButton = 1 << 4;
    private const uint ControlMethodSleepButton = 1 << 5;
    private const uint NoFixedRtcWake = 1 << 6;
    private const uint ResetRegisterSupported = 1 << 10;
    private const uint HardwareReduced = 1 << 20;

    /// <summary>Generic address structure (§5.2.3.2): system I/O space.</summary>
    private const byte SystemIo = 1;
    private const byte ByteAccess = 1;

    /// <summary>The table.</summary>
    /// <param name="dsdt">Address of the DSDT.</param>
    public static byte[] Build(ulong dsdt)
    {
        Span<byte> table = stackalloc byte[Length];
        table.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(table[IaPcBootArchitecture..], BootArchitecture);
        BinaryPrimitives.WriteUInt32LittleEndian(
            table[Flags..],
            WriteBackInvalidate | ControlMethodPowerButton | ControlMethodSleepButton | NoFixedRtcWake
                | ResetRegisterSupported | HardwareReduced);
        WriteAddress(table[ResetRegister..], PlatformPorts.ResetRegister);
        table[ResetValue] = PlatformPorts.ResetValue;
        table[MinorVersion] = MinorRevision;
        BinaryPrimitives.WriteUInt64LittleEndian(table[ExtendedDsdt..], dsdt);
        WriteAddress(table[SleepControlRegister..], PlatformPorts.SleepControl);
        WriteAddress(table[SleepStatusRegister..], PlatformPorts.SleepStatus);
        "STRATOVT"u8.CopyTo(table[HypervisorVendor..]);
        return SystemTable.Build("FACP", Revision, table[SystemTable.HeaderLength..]);
    }

    private static void WriteAddress(Span<byte> field, ushort port)
    {
        const byte BitWidth = 8;
        field[0] = SystemIo;
        field[1] = BitWidth;
        field[2] = 0;
        field[3] = ByteAccess;
        BinaryPrimitives.WriteUInt64LittleEndian(field[4..], port);
    }
}
