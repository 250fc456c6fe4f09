using Iced.Intel;
using StratoVirt.Guests.Image;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Hello;

/// <summary>Prints what the guest found: nothing is reported that was not read from the machine itself.</summary>
internal sealed class Greeting(Assembler c, SerialConsole console, PowerControl power)
{
    private readonly WallClock _clock = new(c, console);
    private Label _report = c.CreateLabel();

    /// <summary>Emits a call that prints the report. Changes all registers but rsp.</summary>
    public void Print() => c.call(_report);

    /// <summary>Emits the routine.</summary>
    public void EmitRoutines()
    {
        c.Label(ref _report);
        console.Print("hello from the StratoVirt built-in guest\r\n  entered     ");
        c.mov(rsi, __qword_ptr[Variables.EntryName]);
        console.PrintString();
        EmitProcessor();
        EmitMemory();
        EmitConsole();
        EmitClock();
        EmitIoApic();
        power.EmitReport();
        console.Print("\r\n");
        c.ret();
        _clock.EmitRoutines();
    }

    private void EmitProcessor()
    {
        const uint HypervisorLeaf = 0x4000_0000;
        const uint HypervisorPresent = 1U << 31;
        Label none = c.CreateLabel();
        Label processor = c.CreateLabel();
        Label noBrand = c.CreateLabel();
        Label brandDone = c.CreateLabel();

        console.Print("\r\n  hypervisor  ");
        c.mov(eax, 1);
        c.cpuid();
        c.test(ecx, HypervisorPresent);
        c.jz(none);
        c.mov(eax, HypervisorLeaf);
        c.cpuid();
        StoreScratch(ebx, ecx, edx);
        PrintScratch();
        c.jmp(processor);
        c.Label(ref none);
        console.Print("none announced");
        c.Label(ref processor);

        console.Print("\r\n  processor   ");
        c.mov(eax, 0x8000_0000);
        c.cpuid();
        c.cmp(eax, 0x8000_0004);
        c.jb(noBrand);
        foreach (uint leaf in (ReadOnlySpan<uint>)[0x8000_0002, 0x8000_0003, 0x8000_0004])
        {
            c.mov(eax, leaf);
            c.cpuid();
            if (leaf == 0x8000_0002)
            {
                // Some hosts leave the name empty.
                c.test(eax, eax);
                c.jz(noBrand);
            }

            StoreScratch(eax, ebx, ecx, edx);
            PrintScratch();
        }

        c.jmp(brandDone);
        c.Label(ref noBrand);
        c.xor(eax, eax);
        c.cpuid();
        StoreScratch(ebx, edx, ecx);
        PrintScratch();
        c.Label(ref brandDone);

        console.Print("\r\n  cpus        ");
        c.mov(eax, __dword_ptr[Variables.Processors]);
        console.PrintDecimal();
        console.Print(" (");
        c.mov(rsi, __qword_ptr[Variables.ProcessorSource]);
        console.PrintString();
        console.Print(")");
    }

    private void StoreScratch(params ReadOnlySpan<AssemblerRegister32> registers)
    {
        for (int i = 0; i < registers.Length; i++)
        {
            c.mov(__dword_ptr[GuestLayout.Scratch + (ulong)(i * 4)], registers[i]);
        }

        c.mov(__dword_ptr[GuestLayout.Scratch + (ulong)(registers.Length * 4)], 0);
    }

    private void PrintScratch()
    {
        c.mov(esi, (uint)GuestLayout.Scratch);
        console.PrintString();
    }

    // rbx: entry, rbp: entries left, r8: usable bytes, r9: usable ranges.
    private void EmitMemory()
    {
        const int Ram = 1;
        const int MibShift = 20;
        Label next = c.CreateLabel();
        Label skip = c.CreateLabel();
        Label done = c.CreateLabel();
        console.Print("\r\n  memory      ");
        c.mov(rbx, __qword_ptr[Variables.MapAddress]);
        c.mov(ebp, __dword_ptr[Variables.MapCount]);
        c.xor(r8d, r8d);
        c.xor(r9d, r9d);
        c.Label(ref next);
        c.dec(ebp);
        c.js(done);
        c.cmp(__dword_ptr[rbx + 16], Ram);
        c.jne(skip);
        c.add(r8, __qword_ptr[rbx + 8]);
        c.inc(r9d);
        c.Label(ref skip);
        c.mov(eax, __dword_ptr[Variables.MapStride]);
        c.add(rbx, rax);
        c.jmp(next);
        c.Label(ref done);

        // To the nearest MiB: the map leaves out the few hundred KiB below 1 MiB that are not RAM.
        c.lea(rax, __[r8 + (1 << (MibShift - 1))]);
        c.shr(rax, MibShift);
        console.PrintDecimal();
        console.Print(" MiB in ");
        c.mov(eax, r9d);
        console.PrintDecimal();
        console.Print(" ranges");
    }

    private void EmitConsole()
    {
        const byte Probe = 0x5A;
        const byte FifosEnabled = 0xC0;
        Label noScratch = c.CreateLabel();
        Label noFifo = c.CreateLabel();
        Label done = c.CreateLabel();
        console.Print("\r\n  console     ");
        c.mov(edx, Ports.Com1Scratch);
        c.mov(al, Probe);
        c.@out(dx, al);
        c.@in(al, dx);
        c.cmp(al, Probe);
        c.jne(noScratch);
        c.mov(edx, Ports.Com1InterruptIdentification);
        c.@in(al, dx);
        c.and(al, FifosEnabled);
        c.cmp(al, FifosEnabled);
        c.jne(noFifo);
        console.Print("16550A");
        c.jmp(done);
        c.Label(ref noFifo);
        console.Print("16450");
        c.jmp(done);
        c.Label(ref noScratch);
        console.Print("8250");
        c.Label(ref done);
        console.Print(" at port 0x3f8");
    }

    private void EmitClock()
    {
        console.Print("\r\n  clock       ");
        _clock.EmitPrint();
    }

    private void EmitIoApic()
    {
        const int Version = 1;
        const int WindowOffset = 0x10;
        Label absent = c.CreateLabel();
        Label done = c.CreateLabel();
        console.Print("\r\n  interrupts  ");
        c.mov(edi, __dword_ptr[Variables.IoApic]);
        c.mov(__dword_ptr[rdi], Version);
        c.mov(eax, __dword_ptr[rdi + WindowOffset]);
        c.cmp(eax, -1);
        c.je(absent);
        c.shr(eax, 16);
        c.and(eax, 0xFF);
        c.inc(eax);
        c.push(rax);
        console.Print("I/O APIC, ");
        c.pop(rax);
        console.PrintDecimal();
        console.Print(" inputs");
        c.jmp(done);
        c.Label(ref absent);
        console.Print("no I/O APIC answers");
        c.Label(ref done);
        c.nop();
    }
}
