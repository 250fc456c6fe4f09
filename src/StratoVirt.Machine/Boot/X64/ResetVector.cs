namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// All the firmware this machine has: the code at FFFF:0000, where a kernel jumps, back in real mode, to restart a PC
/// through its BIOS. Linux takes that way first when ACPI says hardware-reduced: it then prefers EFI's reset, finds no
/// EFI, and falls back to the BIOS, never to the FADT's reset register.
/// </summary>
internal static class ResetVector
{
    private const byte PulseResetLine = 0xFE;

    // 16-bit code: cli; mov al, 0xFE; out 0x64, al; hlt; jmp to the hlt.
    private static ReadOnlySpan<byte> Code =>
        [0xFA, 0xB0, PulseResetLine, 0xE6, (byte)PlatformPorts.I8042Command, 0xF4, 0xEB, 0xFD];

    /// <summary>Writes the code.</summary>
    public static void Write(BootMemory memory) => memory.Write(Layout.ResetVector, Code);
}
