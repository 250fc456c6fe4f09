using Iced.Intel;
using StratoVirt.Guests.Hello;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Virtio;

/// <summary>Finds words and numbers in the kernel command line. Routines change rax, rdx, rsi, rdi, r8 and r9.</summary>
internal sealed class CommandLine(Assembler c, StringPool strings)
{
    private const int PvhCommandLine = 24;
    private const int LinuxCommandLine = 0x228;

    private Label _find = c.CreateLabel();
    private Label _number = c.CreateLabel();

    /// <summary>Emits code for rbx = hvm_start_info.</summary>
    public void EmitFromPvh()
    {
        c.mov(rax, __qword_ptr[rbx + PvhCommandLine]);
        c.mov(__qword_ptr[BenchLayout.CommandLine], rax);
    }

    /// <summary>Emits code for rbx = boot_params.</summary>
    public void EmitFromLinux()
    {
        c.mov(eax, __dword_ptr[rbx + LinuxCommandLine]);
        c.mov(__qword_ptr[BenchLayout.CommandLine], rax);
    }

    /// <summary>Emits a look for a word that begins so; ZF when there is none.</summary>
    public void Find(string start)
    {
        c.lea(rsi, __[strings[start]]);
        c.call(_find);
    }

    /// <summary>Emits a read of a decimal number into rax, 0 when it is not there.</summary>
    /// <param name="key">What stands before it, the equals sign included.</param>
    public void ReadNumber(string key)
    {
        c.lea(rsi, __[strings[key]]);
        c.call(_number);
    }

    /// <summary>Emits the routines.</summary>
    public void EmitRoutines()
    {
        EmitFind();
        EmitNumber();
    }

    // Returns in r9 what stands behind the match, or 0 and ZF.
    private void EmitFind()
    {
        Label word = c.CreateLabel();
        Label compare = c.CreateLabel();
        Label matched = c.CreateLabel();
        Label skip = c.CreateLabel();
        Label none = c.CreateLabel();
        c.Label(ref _find);
        c.mov(rdi, __qword_ptr[BenchLayout.CommandLine]);
        c.test(rdi, rdi);
        c.jz(none);
        c.Label(ref word);
        c.mov(r8, rsi);
        c.mov(r9, rdi);
        c.Label(ref compare);
        c.mov(al, __byte_ptr[r8]);
        c.test(al, al);
        c.jz(matched);
        c.inc(r8);
        c.inc(r9);
        c.cmp(al, __byte_ptr[r9 - 1]);
        c.je(compare);
        c.Label(ref skip);
        c.mov(al, __byte_ptr[rdi]);
        c.test(al, al);
        c.jz(none);
        c.inc(rdi);
        c.cmp(al, (byte)' ');
        c.jne(skip);
        c.jmp(word);
        c.Label(ref matched);
        c.test(r9, r9);
        c.ret();
        c.Label(ref none);
        c.xor(r9d, r9d);
        c.ret();
    }

    private void EmitNumber()
    {
        Label digit = c.CreateLabel();
        Label done = c.CreateLabel();
        c.Label(ref _number);
        c.call(_find);
        c.mov(eax, 0);
        c.jz(done);
        c.Label(ref digit);
        c.movzx(edx, __byte_ptr[r9]);
        c.sub(edx, '0');
        c.cmp(edx, 9);
        c.ja(done);
        c.imul(rax, rax, 10);
        c.add(rax, rdx);
        c.inc(r9);
        c.jmp(digit);
        c.Label(ref done);
        c.ret();
    }
}
