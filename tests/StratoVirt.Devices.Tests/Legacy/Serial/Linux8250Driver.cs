using StratoVirt.Devices.Legacy.Serial;
using StratoVirt.Testing;

namespace StratoVirt.Devices.Tests.Legacy.Serial;

/// <summary>
/// The guest's half: what a Linux 8250 driver does with a port, register by register. It learns of events by the
/// latched interrupt alone, reads a bounded number of characters a round and gives up after a bounded number of
/// rounds, as the real one does (256 and 512 there).
/// </summary>
internal sealed class Linux8250Driver(SerialDevice port, RecordingInterruptLine line)
{
    private const byte ReceiveEnable = 0x05;
    private const byte TransmitEnable = 0x02;
    private readonly Queue<byte> _transmit = new();
    private byte _enabled;

    /// <summary>Called before each register access: what happens elsewhere at that moment.</summary>
    internal Action? BeforeAccess { get; set; }

    internal int RoundLimit { get; init; } = 512;

    internal int ReceiveLimit { get; init; } = 256;

    /// <summary>Characters written for one transmitter interrupt: 16 with FIFOs, else 1.</summary>
    internal int TransmitLoad { get; init; } = 16;

    internal List<byte> Received { get; } = [];

    internal int UntransmittedCount => _transmit.Count;

    /// <summary>The autoconfiguration of drivers/tty/serial/8250: what kind of port is there?</summary>
    internal string Probe()
    {
        Out(1, 0x00);
        byte none = In(1);
        Out(1, 0x0F);
        byte all = In(1);
        Out(1, 0x00);
        if ((none & 0x0F) != 0 || (all & 0x0F) != 0x0F)
        {
            return "no port: interrupt enable register";
        }

        Out(4, 0x10 | 0x0A);
        int lines = In(6) & 0xF0;
        Out(4, 0);
        if (lines != 0x90)
        {
            return "no port: loopback";
        }

        Out(3, 0xBF);
        Out(2, 0);
        Out(3, 0);
        Out(2, 0x01);
        switch (In(2) >> 6)
        {
            case 0:
                return "8250 or 16450";
            case 3:
                break;
            default:
                return "16550 with a broken FIFO";
        }

        Out(3, 0x80);
        if (In(2) == 0)
        {
            return "16650 or better: enhanced features";
        }

        Out(3, 0xBF);
        if (In(2) == 0)
        {
            return "16650V2 or better: enhanced features";
        }

        Out(3, 0);
        byte modem = In(4);
        Out(3, 0xE0);
        byte bank = In(2);
        Out(3, 0);
        Out(4, (byte)(modem ^ 0x10));
        Out(3, 0xE0);
        byte switched = In(2);
        Out(3, 0);
        Out(4, modem);
        if (((bank ^ modem) & 0x10) == 0 && ((switched ^ modem) & 0x10) != 0)
        {
            return "NS16550A super I/O";
        }

        Out(2, 0x01);
        int plain = In(2) >> 5;
        Out(2, 0);
        Out(3, 0x80);
        Out(2, 0x21);
        int latched = In(2) >> 5;
        Out(2, 0);
        Out(3, 0);
        if (plain == 6 && latched == 7)
        {
            return "TI16750";
        }

        Out(1, 0x40);
        return (In(1) & 0x40) != 0 ? "XScale" : "16550A";
    }

    internal void Startup(byte fifoControl)
    {
        Out(2, 0x01);
        Out(2, 0x07);
        Out(2, 0x00);
        In(5);
        In(0);
        In(2);
        In(6);
        Out(3, 0x03);
        Out(2, fifoControl);
        Out(4, 0x0B);
        _enabled = ReceiveEnable;
        Out(1, _enabled);
    }

    /// <summary>Serves the interrupt if one is latched; true when there was.</summary>
    internal bool ServeInterrupt()
    {
        if (!line.TryTake())
        {
            return false;
        }

        for (int round = 0; round < RoundLimit && (In(2) & 1) == 0; round++)
        {
            HandleRound();
        }

        return true;
    }

    /// <summary>A process writes to the terminal.</summary>
    internal void Print(ReadOnlySpan<byte> data)
    {
        foreach (byte value in data)
        {
            _transmit.Enqueue(value);
        }

        if ((_enabled & TransmitEnable) == 0 && _transmit.Count > 0)
        {
            _enabled |= TransmitEnable;
            Out(1, _enabled);
        }
    }

    /// <summary>The kernel prints a message: interrupts off, polled, interrupts as they were.</summary>
    internal void PrintPolled(ReadOnlySpan<byte> data)
    {
        byte saved = In(1);
        Out(1, 0);
        foreach (byte value in data)
        {
            while ((In(5) & 0x20) == 0)
            {
            }

            Out(0, value);
        }

        Out(1, saved);
    }

    internal bool IsQuiet => (In(2) & 1) != 0;

    private void HandleRound()
    {
        byte status = In(5);
        if ((status & 0x01) != 0)
        {
            for (int i = 0; i < ReceiveLimit && (status & 0x01) != 0; i++)
            {
                Received.Add(In(0));
                status = In(5);
            }
        }

        In(6);
        if ((status & 0x20) != 0 && (_enabled & TransmitEnable) != 0)
        {
            for (int i = 0; i < TransmitLoad && _transmit.TryDequeue(out byte value); i++)
            {
                Out(0, value);
            }

            if (_transmit.Count == 0)
            {
                _enabled &= unchecked((byte)~TransmitEnable);
                Out(1, _enabled);
            }
        }
    }

    private byte In(int register)
    {
        BeforeAccess?.Invoke();
        Span<byte> data = [0];
        port.Read((ulong)register, data);
        return data[0];
    }

    private void Out(int register, byte value)
    {
        BeforeAccess?.Invoke();
        port.Write((ulong)register, [value]);
    }
}
