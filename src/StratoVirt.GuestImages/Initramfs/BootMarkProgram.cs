using System.Buffers.Binary;
using System.Text;

namespace StratoVirt.GuestImages.Initramfs;

/// <summary>
/// The first program of an x86_64 guest that leaves a boot mark: it asks for the port, writes the byte and becomes the
/// init script. A program of its own, because Debian's cloud kernel has no /dev/port, and because this way the mark
/// precedes even the loading of busybox.
/// </summary>
internal static class BootMarkProgram
{
    private const ulong LoadAddress = 0x400000;
    private const int ElfHeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int PortPlaceholder1 = 6;
    private const int PortPlaceholder2 = 28;
    private const int CodePlaceholder = 31;

    // Entered with argc, argv and envp on the stack (System V ABI for AMD64, "Initial Stack"); call numbers from
    // asm/unistd_64.h. Where ioperm is refused, the guest boots without a mark.
    private static ReadOnlySpan<byte> Code =>
    [
        0xB8, 0xAD, 0x00, 0x00, 0x00, //       mov  eax, 173           ioperm
        0xBF, 0x00, 0x00, 0x00, 0x00, //       mov  edi, port
        0xBE, 0x01, 0x00, 0x00, 0x00, //       mov  esi, 1             one port
        0xBA, 0x01, 0x00, 0x00, 0x00, //       mov  edx, 1             on
        0x0F, 0x05, //                         syscall
        0x85, 0xC0, //                         test eax, eax
        0x75, 0x07, //                         jnz  refused
        0x66, 0xBA, 0x00, 0x00, //             mov  dx, port
        0xB0, 0x00, //                         mov  al, code
        0xEE, //                               out  dx, al
        0x48, 0x8B, 0x04, 0x24, //    refused: mov  rax, [rsp]         argc
        0x48, 0x8D, 0x74, 0x24, 0x08, //       lea  rsi, [rsp+8]       argv
        0x48, 0x8D, 0x54, 0xC4, 0x10, //       lea  rdx, [rsp+rax*8+16] envp
        0x48, 0x8D, 0x3D, 0x13, 0x00, 0x00, 0x00, // lea rdi, [rip+path]
        0xB8, 0x3B, 0x00, 0x00, 0x00, //       mov  eax, 59            execve
        0x0F, 0x05, //                         syscall
        0xBF, 0x01, 0x00, 0x00, 0x00, //       mov  edi, 1
        0xB8, 0x3C, 0x00, 0x00, 0x00, //       mov  eax, 60            exit
        0x0F, 0x05, //                         syscall
    ];

    /// <summary>A static ELF program of one segment.</summary>
    /// <param name="port">The I/O port.</param>
    /// <param name="mark">The byte written to it.</param>
    /// <param name="next">Absolute path of what is executed then.</param>
    public static byte[] Create(ushort port, byte mark, string next)
    {
        byte[] path = Encoding.ASCII.GetBytes(next + "\0");
        byte[] image = new byte[ElfHeaderSize + ProgramHeaderSize + Code.Length + path.Length];
        WriteHeaders(image);
        Span<byte> code = image.AsSpan(ElfHeaderSize + ProgramHeaderSize);
        Code.CopyTo(code);
        BinaryPrimitives.WriteUInt16LittleEndian(code[PortPlaceholder1..], port);
        BinaryPrimitives.WriteUInt16LittleEndian(code[PortPlaceholder2..], port);
        code[CodePlaceholder] = mark;
        path.CopyTo(code[Code.Length..]);
        return image;
    }

    // System V ABI, "ELF Header" and "Program Header".
    private static void WriteHeaders(Span<byte> image)
    {
        "\u007fELF"u8.CopyTo(image);
        image[4] = 2; // ELFCLASS64
        image[5] = 1; // ELFDATA2LSB
        image[6] = 1; // EV_CURRENT
        BinaryPrimitives.WriteUInt16LittleEndian(image[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(image[18..], 62); // EM_X86_64
        BinaryPrimitives.WriteUInt32LittleEndian(image[20..], 1); // EV_CURRENT
        BinaryPrimitives.WriteUInt64LittleEndian(image[24..], LoadAddress + ElfHeaderSize + ProgramHeaderSize);
        BinaryPrimitives.WriteUInt64LittleEndian(image[32..], ElfHeaderSize); // e_phoff
        BinaryPrimitives.WriteUInt16LittleEndian(image[52..], ElfHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(image[54..], ProgramHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(image[56..], 1); // e_phnum

        Span<byte> segment = image[ElfHeaderSize..];
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1); // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 5); // PF_R | PF_X
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], LoadAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], LoadAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)image.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], (ulong)image.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], 0x1000); // alignment
    }
}
