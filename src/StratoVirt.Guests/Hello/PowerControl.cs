using Iced.Intel;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Hello;

/// <summary>
/// Turns the machine off and resets it by the registers the FADT names (ACPI 6.5, 5.2.9). Without ACPI it is reset
/// through the keyboard controller and cannot be turned off. Hardware-reduced sleep takes the sleep type in the same
/// bits on every such machine.
/// </summary>
internal sealed class PowerControl(Assembler c, SerialConsole console)
{
    private const int FadtLength = 4;
    private const int FadtFlags = 112;
    private const int FadtResetRegister = 116;
    private const int FadtResetValue = 128;
    private const int FadtSleepControl = 244;
    private const int LengthWithSleepRegisters = 268;
    private const int ResetRegisterSupported = 1 << 10;
    private const int HardwareReduced = 1 << 20;
    private const int GenericAddress = 4;
    private const byte InPortSpace = 1;
    private const byte ResetPulse = 0xFE;

    private Label _findSleep = c.CreateLabel();
    private Label _write = c.CreateLabel();

    /// <summary>Emits code that prints how the machine is turned off.</summary>
    public void EmitReport()
    {
        Label none = c.CreateLabel();
        Label memory = c.CreateLabel();
        Label address = c.CreateLabel();
        Label done = c.CreateLabel();
        console.Print("\r\n  power       ");
        c.call(_findSleep);
        c.jz(none);
        c.mov(rbx, rdi);
        c.cmp(__byte_ptr[rbx], InPortSpace);
        c.jne(memory);
        console.Print("ACPI, port 0x");
        c.jmp(address);
        c.Label(ref memory);
        console.Print("ACPI, register 0x");
        c.Label(ref address);
        c.mov(rax, __qword_ptr[rbx + GenericAddress]);
        console.PrintHex();
        c.jmp(done);
        c.Label(ref none);
        console.Print("no ACPI");
        c.Label(ref done);
        c.nop();
    }

    /// <summary>Emits code that turns the machine off. The request may be carried out a moment later, or by nobody:
    /// either way the processor only halts from here.</summary>
    public void EmitPowerOff()
    {
        Label noAcpi = c.CreateLabel();
        c.call(_findSleep);
        c.jz(noAcpi);
        c.mov(eax, Ports.SleepS5);
        c.call(_write);
        HaltForever();
        c.Label(ref noAcpi);
        console.Print("no ACPI to turn the machine off with: halted\r\n");
        HaltForever();
    }

    /// <summary>Emits code that resets the machine, then only halts.</summary>
    public void EmitReset()
    {
        Label noAcpi = c.CreateLabel();
        c.mov(rdi, __qword_ptr[Variables.Fadt]);
        c.test(rdi, rdi);
        c.jz(noAcpi);
        c.test(__dword_ptr[rdi + FadtFlags], ResetRegisterSupported);
        c.jz(noAcpi);
        c.movzx(eax, __byte_ptr[rdi + FadtResetValue]);
        c.add(rdi, FadtResetRegister);
        c.call(_write);
        c.Label(ref noAcpi);
        c.mov(al, ResetPulse);
        c.@out(Ports.I8042Command, al);
        HaltForever();
    }

    // Only on the microVM is the power button behind this port: elsewhere the sleep control register is not at its
    // address.
    private void EmitButtonCheck()
    {
        Label done = c.CreateLabel();
        console.BeginWokenRoutine();
        c.push(rdi);
        c.call(_findSleep);
        c.jz(done);
        c.cmp(__byte_ptr[rdi], InPortSpace);
        c.jne(done);
        c.cmp(__qword_ptr[rdi + GenericAddress], Ports.SleepControl);
        c.jne(done);
        c.mov(edx, Ports.EventSelect);
        c.@in(al, dx);
        c.test(al, Ports.PowerButton);
        c.jz(done);
        console.Print("\r\nthe power button was pressed: goodbye\r\n");
        EmitPowerOff();
        c.Label(ref done);
        c.pop(rdi);
        c.ret();
    }

    /// <summary>Emits the routines.</summary>
    public void EmitRoutines()
    {
        // Returns the sleep control register's generic address structure in rdi, or zero and ZF.
        Label none = c.CreateLabel();
        c.Label(ref _findSleep);
        c.mov(rdi, __qword_ptr[Variables.Fadt]);
        c.test(rdi, rdi);
        c.jz(none);
        c.cmp(__dword_ptr[rdi + FadtLength], LengthWithSleepRegisters);
        c.jb(none);
        c.test(__dword_ptr[rdi + FadtFlags], HardwareReduced);
        c.jz(none);
        c.add(rdi, FadtSleepControl);
        c.cmp(__qword_ptr[rdi + GenericAddress], 0);
        c.ret();
        c.Label(ref none);
        c.xor(edi, edi);
        c.ret();

        EmitButtonCheck();

        // Writes al to the register whose generic address structure is at rdi.
        Label memory = c.CreateLabel();
        c.Label(ref _write);
        c.mov(rdx, __qword_ptr[rdi + GenericAddress]);
        c.cmp(__byte_ptr[rdi], InPortSpace);
        c.jne(memory);
        c.@out(dx, al);
        c.ret();
        c.Label(ref memory);
        c.mov(__byte_ptr[rdx], al);
        c.ret();
    }

    private void HaltForever()
    {
        Label halt = c.CreateLabel();
        c.cli();
        c.Label(ref halt);
        c.hlt();
        c.jmp(halt);
    }
}
