using Iced.Intel;
using StratoVirt.Guests.Boot;
using StratoVirt.Guests.Image;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests;

/// <summary>The privilege level a guest's loop runs at.</summary>
public enum GuestRing
{
    /// <summary>CPL 0.</summary>
    Kernel = 0,

    /// <summary>CPL 3 with I/O privilege 3: runs natively where the host interprets guest kernels.</summary>
    User = 3,
}

/// <summary>
/// The guest that does nothing but leave the vCPU: mark <see cref="BootMarkCode.Entered"/>, so many writes to a port,
/// mark <see cref="BootMarkCode.Ready"/>, power off. Entered by PVH or at its 64-bit entry.
/// </summary>
public static class ExitsGuest
{
    /// <summary>Assembles the guest.</summary>
    /// <param name="count">Writes, 1 or more.</param>
    /// <param name="ring">Privilege level of the loop.</param>
    /// <param name="port">Port written to; by default the POST code port, which no device of the microVM claims.</param>
    /// <returns>An ELF64 executable.</returns>
    public static byte[] Assemble(uint count, GuestRing ring, ushort port = Ports.Post)
    {
        ArgumentOutOfRangeException.ThrowIfZero(count);
        var c = new Assembler(64);
        var entry = new LongModeEntry(c);
        Label main = c.CreateLabel();
        entry.Emit(main, main);
        c.Label(ref main);
        if (ring == GuestRing.User)
        {
            UserMode.EmitEntry(c);
        }

        Mark(c, BootMarkCode.Entered);
        c.mov(ecx, count);
        c.mov(edx, port);
        c.xor(eax, eax);
        Label loop = c.CreateLabel();
        c.Label(ref loop);
        c.@out(dx, al);
        c.dec(ecx);
        c.jnz(loop);
        Mark(c, BootMarkCode.Ready);

        c.mov(edx, Ports.SleepControl);
        c.mov(al, Ports.SleepS5);
        c.@out(dx, al);
        Label end = c.CreateLabel();
        c.Label(ref end);
        c.pause();
        c.jmp(end);
        return LongModeImage.Build(c, entry, new Dictionary<byte, Label>(), ring == GuestRing.User, GuestEntry.Pvh);
    }

    private static void Mark(Assembler c, byte code)
    {
        c.mov(edx, Ports.BootMark);
        c.mov(al, code);
        c.@out(dx, al);
    }
}
