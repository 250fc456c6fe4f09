using Iced.Intel;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Hello;

/// <summary>
/// Reads the real-time clock (MC146818). The second is read before and after the rest, so that no carry is seen half
/// done; BCD or binary mode is honoured, 24-hour mode taken for granted.
/// </summary>
internal sealed class WallClock(Assembler c, SerialConsole console)
{
    private const byte Seconds = 0x00;
    private const byte StatusB = 0x0B;
    private const byte BinaryMode = 1 << 2;

    // Register and what is printed before its two digits, in the order of printing.
    private static readonly (byte Register, string Before)[] Fields =
        [(0x09, "20"), (0x08, "-"), (0x07, "-"), (0x04, " "), (0x02, ":"), (Seconds, ":")];

    private Label _twoDigits = c.CreateLabel();

    /// <summary>Emits code that prints <c>2026-01-31 12:00:00</c>, or that no clock answers.</summary>
    public void EmitPrint()
    {
        Label absent = c.CreateLabel();
        Label again = c.CreateLabel();
        Label steady = c.CreateLabel();
        Label done = c.CreateLabel();

        // r8d: status B, r9d: the second before.
        ReadRegister(StatusB);
        c.cmp(eax, 0xFF);
        c.je(absent);
        c.mov(r8d, eax);
        c.Label(ref again);
        ReadRegister(Seconds);
        c.mov(r9d, eax);
        foreach ((byte register, _) in Fields)
        {
            ReadRegister(register);
            c.push(rax);
        }

        c.cmp(eax, r9d);
        c.je(steady);
        c.add(rsp, Fields.Length * 8);
        c.jmp(again);
        c.Label(ref steady);
        for (int i = 0; i < Fields.Length; i++)
        {
            console.Print(Fields[i].Before);
            c.mov(rax, __qword_ptr[rsp + ((Fields.Length - 1 - i) * 8)]);
            c.call(_twoDigits);
        }

        c.add(rsp, Fields.Length * 8);
        c.jmp(done);
        c.Label(ref absent);
        console.Print("no clock answers");
        c.Label(ref done);
        c.nop();
    }

    /// <summary>Emits the routine <see cref="EmitPrint"/> calls: prints eax, as status B in r8d says, in two digits.</summary>
    public void EmitRoutines()
    {
        Label binary = c.CreateLabel();
        Label split = c.CreateLabel();
        c.Label(ref _twoDigits);
        c.test(r8d, BinaryMode);
        c.jnz(binary);
        c.mov(edx, eax);
        c.shr(eax, 4);
        c.and(edx, 0x0F);
        c.jmp(split);
        c.Label(ref binary);
        c.xor(edx, edx);
        c.mov(ecx, 10);
        c.div(ecx);
        c.Label(ref split);
        c.push(rdx);
        c.add(eax, '0');
        console.PrintChar();
        c.pop(rax);
        c.add(eax, '0');
        console.PrintChar();
        c.ret();
    }

    private void ReadRegister(byte register)
    {
        c.mov(al, register);
        c.@out(Ports.CmosIndex, al);
        c.xor(eax, eax);
        c.@in(al, Ports.CmosData);
    }
}
