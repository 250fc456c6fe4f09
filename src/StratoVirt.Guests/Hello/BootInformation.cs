using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Hello;

/// <summary>
/// Brings what the two boot protocols tell to one form. PVH: hvm_start_info of the Xen x86/HVM direct boot ABI, whose
/// memory map came with version 1. Linux: the zero page, Documentation/arch/x86/zero-page.rst.
/// </summary>
internal sealed class BootInformation(Assembler c, StringPool strings)
{
    private const int PvhMapStride = 24;
    private const int E820Stride = 20;
    private const uint MostEntries = 128;

    /// <summary>Emits code for rbx = hvm_start_info.</summary>
    public void EmitFromPvh()
    {
        Label noMap = c.CreateLabel();
        SetEntryName("PVH");
        c.mov(rax, __qword_ptr[rbx + 32]);
        c.mov(__qword_ptr[Variables.Rsdp], rax);
        c.cmp(__dword_ptr[rbx + 4], 1);
        c.jb(noMap);
        c.mov(rax, __qword_ptr[rbx + 40]);
        c.mov(__qword_ptr[Variables.MapAddress], rax);
        c.mov(eax, __dword_ptr[rbx + 48]);
        SetMap(PvhMapStride);
        c.Label(ref noMap);
        c.nop();
    }

    /// <summary>Emits code for rbx = boot_params.</summary>
    public void EmitFromLinux()
    {
        SetEntryName("Linux 64-bit boot protocol");
        c.mov(rax, __qword_ptr[rbx + 0x70]);
        c.mov(__qword_ptr[Variables.Rsdp], rax);
        c.lea(rax, __[rbx + 0x2D0]);
        c.mov(__qword_ptr[Variables.MapAddress], rax);
        c.movzx(eax, __byte_ptr[rbx + 0x1E8]);
        SetMap(E820Stride);
    }

    private void SetEntryName(string name)
    {
        c.lea(rax, __[strings[name]]);
        c.mov(__qword_ptr[Variables.EntryName], rax);
    }

    private void SetMap(int stride)
    {
        Label bounded = c.CreateLabel();
        c.cmp(eax, MostEntries);
        c.jbe(bounded);
        c.mov(eax, MostEntries);
        c.Label(ref bounded);
        c.mov(__dword_ptr[Variables.MapCount], eax);
        c.mov(__dword_ptr[Variables.MapStride], stride);
    }
}
