using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Hello;

/// <summary>
/// Finds the tables that describe the machine: ACPI (ACPI 6.5, chapter 5.2) or, without, the Intel MultiProcessor
/// Specification 1.4's table. Leaves the processor count, where it is from, the I/O APIC and the addresses of the FADT
/// and MADT in <see cref="Variables"/>.
/// </summary>
internal sealed class FirmwareTables(Assembler c, StringPool strings)
{
    private const uint DefaultIoApic = 0xFEC0_0000;

    private Label _scan = c.CreateLabel();

    /// <summary>Emits code that looks for everything. Changes all registers but rsp.</summary>
    public void EmitDiscovery()
    {
        Label haveRoot = c.CreateLabel();
        Label counted = c.CreateLabel();
        Label noAcpi = c.CreateLabel();
        c.mov(__dword_ptr[Variables.IoApic], DefaultIoApic);
        SetProcessors(1, "assumed: no table found");

        c.mov(rax, __qword_ptr[Variables.Rsdp]);
        c.test(rax, rax);
        c.jnz(haveRoot);
        c.mov(ecx, Signature("RSD "));
        Scan(0xE_0000, 0x10_0000);
        c.mov(__qword_ptr[Variables.Rsdp], rax);
        c.test(rax, rax);
        c.jz(noAcpi);
        c.Label(ref haveRoot);
        EmitWalkRoot();
        c.cmp(__qword_ptr[Variables.Madt], 0);
        c.jz(noAcpi);
        EmitWalkMadt();
        c.jmp(counted);
        c.Label(ref noAcpi);
        EmitWalkMpTable();
        c.Label(ref counted);
        c.nop();
    }

    /// <summary>Emits the routine the discovery calls.</summary>
    public void EmitRoutines()
    {
        // rdi, rsi: first address and end; ecx: 4 characters. Returns the first 16-byte paragraph that begins with
        // them in rax, or 0.
        Label found = c.CreateLabel();
        c.Label(ref _scan);
        c.cmp(__dword_ptr[rdi], ecx);
        c.je(found);
        c.add(rdi, 16);
        c.cmp(rdi, rsi);
        c.jb(_scan);
        c.xor(edi, edi);
        c.Label(ref found);
        c.mov(rax, rdi);
        c.ret();
    }

    private static uint Signature(string text) =>
        text[0] | ((uint)text[1] << 8) | ((uint)text[2] << 16) | ((uint)text[3] << 24);

    private void Scan(uint from, uint to)
    {
        c.mov(edi, from);
        c.mov(esi, to);
        c.call(_scan);
    }

    private void SetProcessors(uint count, string source)
    {
        c.mov(__dword_ptr[Variables.Processors], count);
        c.lea(rax, __[strings[source]]);
        c.mov(__qword_ptr[Variables.ProcessorSource], rax);
    }

    // rbx: root table, rbp: its end, r8: bytes per entry, r9: table pointed to.
    private void EmitWalkRoot()
    {
        Label version1 = c.CreateLabel();
        Label entries = c.CreateLabel();
        Label next = c.CreateLabel();
        Label loaded = c.CreateLabel();
        Label notMadt = c.CreateLabel();
        Label advance = c.CreateLabel();
        Label done = c.CreateLabel();
        c.mov(rax, __qword_ptr[Variables.Rsdp]);
        c.cmp(__byte_ptr[rax + 15], 2);
        c.jb(version1);
        c.mov(rbx, __qword_ptr[rax + 24]);
        c.mov(r8d, 8);
        c.test(rbx, rbx);
        c.jnz(entries);
        c.Label(ref version1);
        c.mov(ebx, __dword_ptr[rax + 16]);
        c.mov(r8d, 4);
        c.Label(ref entries);
        c.mov(ebp, __dword_ptr[rbx + 4]);
        c.add(rbp, rbx);
        c.add(rbx, 36);
        c.Label(ref next);
        c.cmp(rbx, rbp);
        c.jae(done);
        c.mov(r9d, __dword_ptr[rbx]);
        c.cmp(r8d, 8);
        c.jne(loaded);
        c.mov(r9, __qword_ptr[rbx]);
        c.Label(ref loaded);
        c.cmp(__dword_ptr[r9], Signature("APIC"));
        c.jne(notMadt);
        c.mov(__qword_ptr[Variables.Madt], r9);
        c.Label(ref notMadt);
        c.cmp(__dword_ptr[r9], Signature("FACP"));
        c.jne(advance);
        c.mov(__qword_ptr[Variables.Fadt], r9);
        c.Label(ref advance);
        c.add(rbx, r8);
        c.jmp(next);
        c.Label(ref done);
        c.nop();
    }

    // Local APICs (type 0) and x2APICs (type 9) that are enabled, and the first I/O APIC (type 1).
    private void EmitWalkMadt()
    {
        const int Enabled = 1;
        Label next = c.CreateLabel();
        Label notLocal = c.CreateLabel();
        Label notLocalX2 = c.CreateLabel();
        Label advance = c.CreateLabel();
        Label done = c.CreateLabel();
        SetProcessors(0, "ACPI MADT");
        c.mov(rbx, __qword_ptr[Variables.Madt]);
        c.mov(ebp, __dword_ptr[rbx + 4]);
        c.add(rbp, rbx);
        c.add(rbx, 44);
        c.Label(ref next);
        c.cmp(rbx, rbp);
        c.jae(done);
        c.movzx(eax, __byte_ptr[rbx]);
        c.movzx(ecx, __byte_ptr[rbx + 1]);
        c.test(ecx, ecx);
        c.jz(done);
        c.test(eax, eax);
        c.jnz(notLocal);
        c.mov(edx, __dword_ptr[rbx + 4]);
        c.and(edx, Enabled);
        c.add(__dword_ptr[Variables.Processors], edx);
        c.Label(ref notLocal);
        c.cmp(eax, 9);
        c.jne(notLocalX2);
        c.mov(edx, __dword_ptr[rbx + 8]);
        c.and(edx, Enabled);
        c.add(__dword_ptr[Variables.Processors], edx);
        c.Label(ref notLocalX2);
        c.cmp(eax, 1);
        c.jne(advance);
        c.cmp(__dword_ptr[rbx + 8], 0);
        c.jne(advance);
        c.mov(edx, __dword_ptr[rbx + 4]);
        c.mov(__dword_ptr[Variables.IoApic], edx);
        c.Label(ref advance);
        c.add(rbx, rcx);
        c.jmp(next);
        c.Label(ref done);
        c.nop();
    }

    // The pointer structure lies in the last KiB of base memory or in the BIOS area (section 4). The table's length is
    // what bounds the walk: firmware exists that leaves its entry count at 0.
    private void EmitWalkMpTable()
    {
        Label found = c.CreateLabel();
        Label next = c.CreateLabel();
        Label processor = c.CreateLabel();
        Label notIoApic = c.CreateLabel();
        Label done = c.CreateLabel();
        c.mov(ecx, Signature("_MP_"));
        Scan(0x9_FC00, 0xA_0000);
        c.test(rax, rax);
        c.jnz(found);
        Scan(0xF_0000, 0x10_0000);
        c.test(rax, rax);
        c.jz(done);
        c.Label(ref found);
        c.mov(ebx, __dword_ptr[rax + 4]);
        c.cmp(__dword_ptr[rbx], Signature("PCMP"));
        c.jne(done);
        SetProcessors(0, "MP table");
        c.movzx(ebp, __word_ptr[rbx + 4]);
        c.add(rbp, rbx);
        c.add(rbx, 44);
        c.Label(ref next);
        c.cmp(rbx, rbp);
        c.jae(done);
        c.movzx(eax, __byte_ptr[rbx]);
        c.test(eax, eax);
        c.jz(processor);
        c.cmp(eax, 2);
        c.jne(notIoApic);
        c.mov(edx, __dword_ptr[rbx + 4]);
        c.mov(__dword_ptr[Variables.IoApic], edx);
        c.Label(ref notIoApic);
        c.add(rbx, 8);
        c.jmp(next);
        c.Label(ref processor);
        c.movzx(edx, __byte_ptr[rbx + 3]);
        c.and(edx, 1);
        c.add(__dword_ptr[Variables.Processors], edx);
        c.add(rbx, 20);
        c.jmp(next);
        c.Label(ref done);
        c.nop();
    }
}
