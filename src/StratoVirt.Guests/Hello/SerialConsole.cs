using Iced.Intel;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Hello;

/// <summary>
/// Printing and reading through the 16550A at COM1. Every routine may change rax, rcx, rdx, rsi and rdi and keeps the
/// other registers. Each access leaves the virtual machine, so the transmitter is asked for room once in 16 bytes, the
/// depth of its FIFO.
/// </summary>
internal sealed class SerialConsole(Assembler c, StringPool strings)
{
    private const int FifoDepth = 16;
    private const byte DataReady = 1 << 0;
    private const byte TransmitterEmpty = 1 << 5;

    private Label _putChar = c.CreateLabel();
    private Label _putString = c.CreateLabel();
    private Label _putDecimal = c.CreateLabel();
    private Label _putHex = c.CreateLabel();
    private Label _woken = c.CreateLabel();
    private Label _getChar = c.CreateLabel();

    /// <summary>Emits a call that prints a fixed string.</summary>
    public void Print(string text)
    {
        c.lea(rsi, __[strings[text]]);
        c.call(_putString);
    }

    /// <summary>Emits a call that prints the zero-terminated string at rsi.</summary>
    public void PrintString() => c.call(_putString);

    /// <summary>Emits a call that prints the character in al.</summary>
    public void PrintChar() => c.call(_putChar);

    /// <summary>Emits a call that prints rax in decimal.</summary>
    public void PrintDecimal() => c.call(_putDecimal);

    /// <summary>Emits a call that prints rax in hexadecimal, without leading zeroes.</summary>
    public void PrintHex() => c.call(_putHex);

    /// <summary>Emits a call that waits for a character and returns it in al.</summary>
    public void ReadChar() => c.call(_getChar);

    /// <summary>Emits code that sets the chip up: 8 bits, no parity, FIFO on, interrupt on received data.</summary>
    public void EmitSetup()
    {
        const byte EightBits = 3;
        const byte FifoOnAndClear = 7;
        const byte ReadyRequestAndOut2 = 0x0B;
        const byte ReceivedData = 1;
        WritePort(Ports.Com1LineControl, EightBits);
        WritePort(Ports.Com1FifoControl, FifoOnAndClear);
        WritePort(Ports.Com1ModemControl, ReadyRequestAndOut2);
        WritePort(Ports.Com1InterruptEnable, ReceivedData);
    }

    /// <summary>Emits the routines.</summary>
    public void EmitRoutines()
    {
        EmitPrintingRoutines();
        EmitGetChar();
    }

    /// <summary>Emits the routines of a guest that reads nothing.</summary>
    public void EmitPrintingRoutines()
    {
        EmitPutChar();
        EmitPutString();
        EmitPutNumber(ref _putDecimal, 10);
        EmitPutNumber(ref _putHex, 16);
    }

    private void WritePort(ushort port, byte value)
    {
        c.mov(edx, port);
        c.mov(al, value);
        c.@out(dx, al);
    }

    private void EmitPutChar()
    {
        Label wait = c.CreateLabel();
        Label ready = c.CreateLabel();
        c.Label(ref _putChar);
        c.dec(__dword_ptr[Variables.TransmitRoom]);
        c.jns(ready);
        c.push(rax);
        c.mov(edx, Ports.Com1LineStatus);
        c.Label(ref wait);
        c.pause();
        c.@in(al, dx);
        c.test(al, TransmitterEmpty);
        c.jz(wait);
        c.pop(rax);
        c.mov(__dword_ptr[Variables.TransmitRoom], FifoDepth - 1);
        c.Label(ref ready);
        c.mov(edx, Ports.Com1);
        c.@out(dx, al);
        c.ret();
    }

    private void EmitPutString()
    {
        Label done = c.CreateLabel();
        c.Label(ref _putString);
        c.mov(al, __byte_ptr[rsi]);
        c.inc(rsi);
        c.test(al, al);
        c.jz(done);
        c.call(_putChar);
        c.jmp(_putString);
        c.Label(ref done);
        c.ret();
    }

    private void EmitPutNumber(ref Label routine, uint radix)
    {
        Label divide = c.CreateLabel();
        Label digit = c.CreateLabel();
        Label print = c.CreateLabel();
        c.Label(ref routine);
        c.mov(ecx, radix);
        c.xor(edi, edi);
        c.Label(ref divide);
        c.xor(edx, edx);
        c.div(rcx);
        c.cmp(edx, 10);
        c.jb(digit);
        c.add(edx, 'a' - '0' - 10);
        c.Label(ref digit);
        c.add(edx, '0');
        c.push(rdx);
        c.inc(edi);
        c.test(rax, rax);
        c.jnz(divide);
        c.Label(ref print);
        c.pop(rax);
        c.call(_putChar);
        c.dec(edi);
        c.jnz(print);
        c.ret();
    }

    /// <summary>Marks the routine that is called whenever an interrupt has ended the wait for input. It may use RAX and
    /// RDX.</summary>
    public void BeginWokenRoutine() => c.Label(ref _woken);

    // The line falls when the FIFO is drained and rises with the next byte, so looking with interrupts off and then
    // "sti; hlt" loses no edge: sti takes effect after hlt has begun.
    private void EmitGetChar()
    {
        Label look = c.CreateLabel();
        Label have = c.CreateLabel();
        c.Label(ref _getChar);
        c.mov(edx, Ports.Com1LineStatus);
        c.Label(ref look);
        c.@in(al, dx);
        c.test(al, DataReady);
        c.jnz(have);
        c.sti();
        c.hlt();
        c.cli();
        c.call(_woken);
        c.mov(edx, Ports.Com1LineStatus);
        c.jmp(look);
        c.Label(ref have);
        c.mov(edx, Ports.Com1);
        c.@in(al, dx);
        c.ret();
    }
}
