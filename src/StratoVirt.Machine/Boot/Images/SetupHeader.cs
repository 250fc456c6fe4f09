using System.Buffers.Binary;

namespace StratoVirt.Machine.Boot.Images;

/// <summary>
/// The setup header of a bzImage, offsets and meaning as in Linux's Documentation/arch/x86/boot.rst. Holds the first
/// sectors' bytes up to the end of the area <c>boot_params</c> has for it.
/// </summary>
internal sealed class SetupHeader
{
    /// <summary>Where it begins, in the file and in <c>boot_params</c> alike.</summary>
    public const int Start = 0x1F1;

    /// <summary>First byte behind the room <c>boot_params</c> has for it.</summary>
    public const int Limit = 0x290;

    /// <summary>XLF_KERNEL_64: there is a 64-bit entry point at 0x200.</summary>
    private const ushort Kernel64 = 1;

    private readonly byte[] _bytes;

    private SetupHeader(byte[] bytes) => _bytes = bytes;

    /// <summary>Protocol version, major in the high byte.</summary>
    public ushort Version => UInt16(0x206);

    /// <summary>Sectors of real-mode code behind the boot sector; 0 means 4, for history's sake.</summary>
    public int SetupSectors => _bytes[0x1F1] == 0 ? 4 : _bytes[0x1F1];

    /// <summary>Offset in the file of the protected-mode code.</summary>
    public long CodeOffset => (SetupSectors + 1L) * 512;

    /// <summary>Bytes of protected-mode code.</summary>
    public long CodeLength => UInt32(0x1F4) * 16L;

    /// <summary>LOADED_HIGH: it is a bzImage, not a zImage for conventional memory.</summary>
    public bool IsLoadedHigh => (_bytes[0x211] & 1) != 0;

    /// <summary>Highest address the initrd may reach.</summary>
    public uint InitrdAddressMax => UInt32(0x22C);

    /// <summary>Alignment its load address needs when it is relocatable.</summary>
    public uint KernelAlignment => UInt32(0x230);

    /// <summary>It may be loaded elsewhere than at 1 MiB.</summary>
    public bool IsRelocatable => _bytes[0x234] != 0;

    /// <summary>It has a 64-bit entry point. The field came with protocol 2.12.</summary>
    public bool Has64BitEntry => Version >= 0x20C && (UInt16(0x236) & Kernel64) != 0;

    /// <summary>Longest command line without NUL.</summary>
    public uint CommandLineSize => UInt32(0x238);

    /// <summary>Offset of the payload from the start of the protected-mode code.</summary>
    public uint PayloadOffset => UInt32(0x248);

    /// <summary>Bytes of the payload, its size word included.</summary>
    public uint PayloadLength => UInt32(0x24C);

    /// <summary>Address it prefers to run at.</summary>
    public ulong PreferredAddress => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(0x258));

    /// <summary>Contiguous bytes it needs from where it runs before it can read the memory map.</summary>
    public uint InitSize => UInt32(0x260);

    /// <summary>The header's own bytes, for <c>boot_params</c>: it ends where the jump at 0x200 leads.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(Start..Math.Clamp(0x202 + _bytes[0x201], 0x264, Limit));

    /// <summary>Reads the header of a file known to carry its magic number.</summary>
    /// <exception cref="MachineException">The file ends within it.</exception>
    public static SetupHeader Read(BootFile file)
    {
        byte[] bytes = new byte[Limit];
        return file.TryRead(0, bytes)
            ? new SetupHeader(bytes)
            : throw KernelFault.Corrupt(file.Name, $"it ends after {file.Length} bytes, within its setup header");
    }

    private ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset));

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));
}
