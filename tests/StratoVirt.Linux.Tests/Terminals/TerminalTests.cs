using StratoVirt.Linux.Terminals;

namespace StratoVirt.Linux.Tests.Terminals;

public sealed class TerminalTests
{
    [Fact]
    public void WhatIsNoTerminalIsNotOpened()
    {
        Assert.Null(Terminal.TryOpen("/dev/null"));
        Assert.Null(Terminal.TryOpen("/nowhere"));
    }

    [Fact]
    public void RawModePassesKeysOneByOneAndUnchanged()
    {
        using var pair = new PseudoTerminal();
        using Terminal terminal = Terminal.TryOpen(pair.Path)!;
        byte[] keys = new byte[16];
        using (terminal.EnterRawMode())
        {
            // No line has ended, Ctrl+C is a key and Enter stays a carriage return.
            pair.Type("a\x03\r");
            Assert.Equal(3, terminal.Read(keys, 10_000));
            Assert.Equal("a\x03\r"u8.ToArray(), keys[..3]);
            Assert.Equal("", pair.Seen(0));
            Assert.Equal(Errno.None, terminal.Write("x\n"u8));
            Assert.Equal("x\n", pair.Seen(10_000));
        }

        // Restored: keys are echoed, and wait for the end of their line.
        pair.Type("b");
        Assert.Equal("b", pair.Seen(10_000));
        Assert.Equal(0, terminal.Read(keys, 0));
        pair.Type("\n");
        Assert.Equal(2, terminal.Read(keys, 10_000));
    }

    [Fact]
    public void TheSizeIsTheTerminalsNow()
    {
        using var pair = new PseudoTerminal();
        using Terminal terminal = Terminal.TryOpen(pair.Path)!;
        pair.Resize(132, 43);
        Assert.Equal((132, 43), terminal.Size);
        pair.Resize(80, 24);
        Assert.Equal((80, 24), terminal.Size);
    }

    [Fact]
    public void ATerminalThatHangsUpIsGone()
    {
        var pair = new PseudoTerminal();
        using Terminal terminal = Terminal.TryOpen(pair.Path)!;
        using RawMode raw = terminal.EnterRawMode();
        pair.HangUp();
        Assert.Equal(-1, terminal.Read(new byte[16], 10_000));
    }
}
