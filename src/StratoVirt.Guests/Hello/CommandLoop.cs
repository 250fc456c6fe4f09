using Iced.Intel;
using StratoVirt.Guests.Image;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Hello;

/// <summary>Prompts, reads a line with echo and does what it says; any other line is said back.</summary>
internal sealed class CommandLoop(
    Assembler c, StringPool strings, SerialConsole console, Greeting greeting, PowerControl power)
{
    private const byte Backspace = 8;
    private const byte Delete = 0x7F;

    private Label _prompt = c.CreateLabel();
    private Label _compare = c.CreateLabel();

    private (string Name, string Help, Action Emit)[] Commands =>
    [
        ("help", "this list", EmitHelp),
        ("info", "what the guest found", EmitInfo),
        ("mark", "write a boot mark", EmitMark),
        ("spin", "hang with interrupts off", EmitSpin),
        ("fault", "cause a triple fault", EmitFault),
        ("reboot", "reset the machine", EmitReboot),
        ("poweroff", "turn the machine off", EmitPowerOff),
    ];

    /// <summary>Emits the loop. Never left.</summary>
    public void Emit()
    {
        c.Label(ref _prompt);
        console.Print("hello> ");
        EmitReadLine();
        c.cmp(__dword_ptr[Variables.LineLength], 0);
        c.je(_prompt);

        foreach ((string name, _, Action emit) in Commands)
        {
            Label next = c.CreateLabel();
            c.lea(rdi, __[strings[name]]);
            c.call(_compare);
            c.jne(next);
            emit();
            c.jmp(_prompt);
            c.Label(ref next);
            c.nop();
        }

        console.Print("you said: ");
        c.mov(esi, (uint)GuestLayout.LineBuffer);
        console.PrintString();
        console.Print("\r\n");
        c.jmp(_prompt);
        EmitCompare();
    }

    // rbx: characters in the line. CR, LF and CR LF each end one line.
    private void EmitReadLine()
    {
        Label next = c.CreateLabel();
        Label notLineFeed = c.CreateLabel();
        Label erase = c.CreateLabel();
        Label end = c.CreateLabel();
        c.xor(ebx, ebx);
        c.Label(ref next);
        console.ReadChar();
        c.movzx(eax, al);
        c.mov(ecx, __dword_ptr[Variables.LastCharacter]);
        c.mov(__dword_ptr[Variables.LastCharacter], eax);
        c.cmp(eax, '\r');
        c.je(end);
        c.cmp(eax, '\n');
        c.jne(notLineFeed);
        c.cmp(ecx, '\r');
        c.je(next);
        c.jmp(end);
        c.Label(ref notLineFeed);
        c.cmp(eax, Backspace);
        c.je(erase);
        c.cmp(eax, Delete);
        c.je(erase);
        c.cmp(eax, ' ');
        c.jb(next);
        c.cmp(ebx, GuestLayout.LineBufferSize - 1);
        c.jae(next);
        c.mov(__byte_ptr[rbx + (int)GuestLayout.LineBuffer], al);
        c.inc(ebx);
        console.PrintChar();
        c.jmp(next);
        c.Label(ref erase);
        c.test(ebx, ebx);
        c.jz(next);
        c.dec(ebx);
        console.Print("\b \b");
        c.jmp(next);
        c.Label(ref end);
        c.mov(__byte_ptr[rbx + (int)GuestLayout.LineBuffer], 0);
        c.mov(__dword_ptr[Variables.LineLength], ebx);
        console.Print("\r\n");
    }

    // Compares the line with the zero-terminated string at rdi; ZF when they are the same.
    private void EmitCompare()
    {
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        c.Label(ref _compare);
        c.mov(esi, (uint)GuestLayout.LineBuffer);
        c.Label(ref next);
        c.mov(al, __byte_ptr[rsi]);
        c.cmp(al, __byte_ptr[rdi]);
        c.jne(done);
        c.inc(rsi);
        c.inc(rdi);
        c.test(al, al);
        c.jnz(next);
        c.Label(ref done);
        c.ret();
    }

    private void EmitHelp()
    {
        foreach ((string name, string help, _) in Commands)
        {
            console.Print($"  {name,-10}{help}\r\n");
        }
    }

    private void EmitInfo() => greeting.Print();

    private void EmitMark()
    {
        c.mov(edx, Ports.BootMark);
        c.mov(al, BootMarkCode.Requested);
        c.@out(dx, al);
    }

    private void EmitSpin()
    {
        console.Print("spinning with interrupts off\r\n");
        Label forever = c.CreateLabel();
        c.cli();
        c.Label(ref forever);
        c.pause();
        c.jmp(forever);
    }

    private void EmitFault()
    {
        // With no descriptor in the IDT every exception escalates to a shutdown of the processor.
        console.Print("faulting\r\n");
        c.push(0);
        c.push(0);
        c.lidt(__[rsp]);
        c.ud2();
    }

    private void EmitReboot()
    {
        console.Print("rebooting\r\n");
        power.EmitReset();
    }

    private void EmitPowerOff()
    {
        console.Print("goodbye\r\n");
        power.EmitPowerOff();
    }
}
