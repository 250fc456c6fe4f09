using Iced.Intel;
using StratoVirt.Guests.Image;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests;

/// <summary>
/// The guest that tells when the first guest instruction runs: it writes <see cref="BootMarkCode.Entered"/>, to the
/// serial port too for those who see nothing else of it, and powers off. It has no stack and no tables, and the same bytes are the same instructions in 32-bit and 64-bit mode.
/// </summary>
public static class FirstMarkGuest
{
    /// <summary>Assembles the guest.</summary>
    /// <returns>An ELF64 executable.</returns>
    public static byte[] Assemble()
    {
        var c = new Assembler(32);
        c.mov(edx, Ports.BootMark);
        c.mov(al, BootMarkCode.Entered);
        c.@out(dx, al);
        c.mov(edx, Ports.Com1);
        c.@out(dx, al);
        c.mov(edx, Ports.SleepControl);
        c.mov(al, Ports.SleepS5);
        c.@out(dx, al);
        Label halt = c.CreateLabel();
        c.Label(ref halt);
        c.cli();
        c.hlt();
        c.jmp(halt);

        byte[] text = EncodedCode.Of(c, GuestLayout.Text).Bytes;
        return PvhElf.Write(
            GuestLayout.Text, (uint)GuestLayout.Text, new ElfSegment(GuestLayout.Text, text, (ulong)text.Length, Writable: false));
    }
}
