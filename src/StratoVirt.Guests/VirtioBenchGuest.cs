using Iced.Intel;
using StratoVirt.Guests.Boot;
using StratoVirt.Guests.Hello;
using StratoVirt.Guests.Image;
using StratoVirt.Guests.Platform;
using StratoVirt.Guests.Virtio;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests;

/// <summary>
/// The guest that drives one virtio device behind virtio-mmio as fast as it goes, at CPL 3 and without interrupts, and
/// says over the serial port how long that took. Its command line: <c>WORD size=N depth=N count=N seed=N</c>, where WORD
/// is <c>blk-read</c>, <c>blk-write</c>, <c>net-send</c>, <c>net-receive</c>, <c>rng-read</c>, <c>vsock-send</c>,
/// <c>console-send</c> or <c>clock</c>, which only lets <c>count</c> ticks pass. A seed makes a disk's requests random.
/// </summary>
/// <remarks>
/// It prints <c>BEGIN</c> before the work and one of <c>RESULT requests bytes ticks errors</c> and <c>FAIL reason</c>
/// behind it, then powers off at the microVM's port. QEMU ends there too with
/// <c>-device isa-debug-exit,iobase=0x600</c>. Ticks are the time stamp counter's.
/// </remarks>
public static class VirtioBenchGuest
{
    /// <summary>Assembles the guest.</summary>
    /// <returns>An ELF64 executable.</returns>
    public static byte[] Assemble()
    {
        var c = new Assembler(64);
        var strings = new StringPool(c);
        var entry = new LongModeEntry(c);
        var console = new SerialConsole(c, strings);
        var commandLine = new CommandLine(c, strings);
        Label fromPvh = c.CreateLabel();
        Label fromLinux = c.CreateLabel();
        Label main = c.CreateLabel();
        Label report = c.CreateLabel();
        Label powerOff = c.CreateLabel();

        entry.Emit(fromPvh, fromLinux);
        c.Label(ref fromPvh);
        commandLine.EmitFromPvh();
        c.jmp(main);
        c.Label(ref fromLinux);
        commandLine.EmitFromLinux();
        c.Label(ref main);
        UserMode.EmitEntry(c);
        console.EmitSetup();
        EmitParameters(c, commandLine);

        Label missing = EmitFailure(c, console, "there is no such device", powerOff);
        Label refused = EmitFailure(c, console, "the device does not agree", powerOff);
        Label wrong = EmitFailure(c, console, "the command line is wrong", powerOff);
        EmitClock(c, console, commandLine, report);
        var transport = new MmioTransport(c);
        Workload[] workloads =
        [
            new BlockWorkload(c, write: false), new BlockWorkload(c, write: true),
            new NetworkWorkload(c, send: true), new NetworkWorkload(c, send: false), new EntropyWorkload(c),
            new VsockWorkload(c), new ConsoleWorkload(c),
        ];
        foreach (Workload workload in workloads)
        {
            var loop = new QueueLoop(c, workload);
            Label next = c.CreateLabel();
            commandLine.Find(workload.Name);
            c.jz(next);
            c.mov(eax, __dword_ptr[BenchLayout.Depth]);
            c.dec(eax);
            c.cmp(eax, loop.Slots);
            c.jae(wrong);
            c.cmp(__qword_ptr[BenchLayout.Size], 0);
            c.je(wrong);
            transport.EmitSetup(workload, missing, refused);
            console.Print("BEGIN\r\n");
            loop.Emit();
            c.jmp(report);
            c.Label(ref next);
            c.nop();
        }

        c.jmp(wrong);
        c.Label(ref report);
        EmitReport(c, console);
        c.Label(ref powerOff);
        EmitPowerOff(c);
        console.EmitPrintingRoutines();
        commandLine.EmitRoutines();
        strings.Emit();
        return LongModeImage.Build(c, entry, new Dictionary<byte, Label>(), userPages: true, GuestEntry.Pvh);
    }

    private static void EmitParameters(Assembler c, CommandLine commandLine)
    {
        ReadOnlySpan<(string Key, ulong Variable)> parameters =
        [
            ("size=", BenchLayout.Size), ("depth=", BenchLayout.Depth), ("count=", BenchLayout.Count), ("seed=", BenchLayout.Random),
        ];
        foreach ((string key, ulong variable) in parameters)
        {
            commandLine.ReadNumber(key);
            c.mov(__qword_ptr[variable], rax);
        }
    }

    private static Label EmitFailure(Assembler c, SerialConsole console, string reason, Label powerOff)
    {
        Label past = c.CreateLabel();
        Label failure = c.CreateLabel();
        c.jmp(past);
        c.Label(ref failure);
        console.Print($"FAIL {reason}\r\n");
        c.jmp(powerOff);
        c.Label(ref past);
        c.nop();
        return failure;
    }

    private static void EmitClock(Assembler c, SerialConsole console, CommandLine commandLine, Label report)
    {
        Label next = c.CreateLabel();
        Label wait = c.CreateLabel();
        commandLine.Find("clock");
        c.jz(next);
        console.Print("BEGIN\r\n");
        c.rdtsc();
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.mov(rbx, rax);
        c.Label(ref wait);
        c.pause();
        c.rdtsc();
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.sub(rax, rbx);
        c.cmp(rax, __qword_ptr[BenchLayout.Count]);
        c.jb(wait);
        c.mov(__qword_ptr[BenchLayout.Ticks], rax);
        c.xor(r14d, r14d);
        c.jmp(report);
        c.Label(ref next);
        c.nop();
    }

    private static void EmitReport(Assembler c, SerialConsole console)
    {
        console.Print("RESULT ");
        c.mov(rax, __qword_ptr[BenchLayout.Count]);
        console.PrintDecimal();
        console.Print(" ");
        c.mov(rax, r14);
        console.PrintDecimal();
        console.Print(" ");
        c.mov(rax, __qword_ptr[BenchLayout.Ticks]);
        console.PrintDecimal();
        console.Print(" ");
        c.mov(eax, __dword_ptr[BenchLayout.Errors]);
        console.PrintDecimal();
        console.Print("\r\n");
    }

    // The machine may end a moment later.
    private static void EmitPowerOff(Assembler c)
    {
        c.mov(edx, Ports.SleepControl);
        c.mov(al, Ports.SleepS5);
        c.@out(dx, al);
        Label end = c.CreateLabel();
        c.Label(ref end);
        c.pause();
        c.jmp(end);
    }
}
