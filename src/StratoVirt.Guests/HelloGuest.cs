using Iced.Intel;
using StratoVirt.Guests.Boot;
using StratoVirt.Guests.Hello;
using StratoVirt.Guests.Image;
using StratoVirt.Guests.Platform;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests;

/// <summary>
/// The guest the module carries: says over the serial port what it found, then answers console input. It writes
/// <see cref="BootMarkCode.Entered"/> first and <see cref="BootMarkCode.Ready"/> before its first prompt, sleeps in HLT
/// while nobody types, and leaves secondary processors waiting for a start-up interrupt.
/// </summary>
public static class HelloGuest
{
    /// <summary>Assembles the guest.</summary>
    /// <param name="entry">Which entries the file shows.</param>
    /// <returns>An ELF64 executable.</returns>
    public static byte[] Assemble(GuestEntry entry = GuestEntry.Pvh)
    {
        var c = new Assembler(64);
        var strings = new StringPool(c);
        var start = new LongModeEntry(c);
        var console = new SerialConsole(c, strings);
        var interrupts = new Interrupts(c);
        var boot = new BootInformation(c, strings);
        var tables = new FirmwareTables(c, strings);
        var power = new PowerControl(c, console);
        var greeting = new Greeting(c, console, power);
        var loop = new CommandLoop(c, strings, console, greeting, power);

        Label fromPvh = c.CreateLabel();
        Label fromLinux = c.CreateLabel();
        Label main = c.CreateLabel();
        start.Emit(fromPvh, fromLinux);
        c.Label(ref fromPvh);
        boot.EmitFromPvh();
        c.jmp(main);
        c.Label(ref fromLinux);
        boot.EmitFromLinux();
        c.Label(ref main);
        Mark(c, BootMarkCode.Entered);
        console.EmitSetup();
        tables.EmitDiscovery();
        interrupts.EmitSetup();
        greeting.Print();
        console.Print("Type help for the commands.\r\n");
        Mark(c, BootMarkCode.Ready);
        loop.Emit();

        greeting.EmitRoutines();
        power.EmitRoutines();
        tables.EmitRoutines();
        console.EmitRoutines();
        interrupts.EmitHandlers();
        strings.Emit();
        return LongModeImage.Build(c, start, interrupts.Handlers, userPages: false, entry);
    }

    private static void Mark(Assembler c, byte code)
    {
        c.mov(edx, Ports.BootMark);
        c.mov(al, code);
        c.@out(dx, al);
    }
}
