using StratoVirt.Backends.Char;
using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Interrupts;

namespace StratoVirt.Devices.Legacy.Serial;

/// <summary>
/// A PC serial port: the 16550A chip on a bus of eight byte registers, with its interrupt line, the backend it prints
/// to, and a bounded queue of typed input behind the chip's receiver.
/// </summary>
/// <remarks>
/// The line is edge-triggered, the chip's pin is a level. An edge leaves whenever a cause appears that was not there
/// before, and whenever one is renewed, even with the pin already high: characters arrive (each refill of a drained
/// receiver is an arrival), or the transmitter empties again. A driver that gives up in the middle of a flood
/// (Linux's 8250 does after 512 rounds) has therefore always been sent an edge after the interrupt it is serving, the
/// interrupt controller has latched it, and it runs again.
/// </remarks>
public sealed class SerialDevice : IBusDevice, ICharFrontend
{
    /// <summary>Bytes of address space.</summary>
    public const ulong Length = 8;

    /// <summary>Typed bytes that wait behind the chip at most: a pasted file's worth, and no more of the host's memory.</summary>
    public const int InputLimit = 64 << 10;

    private readonly Lock _gate = new();
    private readonly Uart16550 _chip = new();
    private readonly ByteQueue _input = new(InputLimit);
    private readonly IInterruptLine _interrupt;
    private readonly ICharBackend _output;
    private ulong _transmitted;
    private ulong _received;
    private ulong _interrupts;
    private bool _refused;

    /// <summary>Wires a port.</summary>
    /// <param name="interrupt">Its interrupt line.</param>
    /// <param name="output">Where the bytes the guest prints go.</param>
    public SerialDevice(IInterruptLine interrupt, ICharBackend output)
    {
        ArgumentNullException.ThrowIfNull(interrupt);
        ArgumentNullException.ThrowIfNull(output);
        _interrupt = interrupt;
        _output = output;
    }

    /// <inheritdoc/>
    public event Action? RoomAvailable;

    /// <summary>Counters at this moment.</summary>
    public SerialMetrics Metrics
    {
        get
        {
            lock (_gate)
            {
                return new SerialMetrics(_transmitted, _received, _chip.Overruns, _interrupts, _input.Count);
            }
        }
    }

    /// <summary>Reads registers; a wide access is one of each byte in turn, as the ISA bus splits it.</summary>
    public void Read(ulong offset, Span<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            Signals signals;
            lock (_gate)
            {
                UartCauses before = _chip.Causes;
                data[i] = _chip.Read((int)((offset + (ulong)i) % Length));
                signals = Settle(before, refill: _chip.IsDrained);
            }

            Send(signals);
        }
    }

    /// <summary>Writes registers; a wide access is one of each byte in turn, as the ISA bus splits it.</summary>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            Signals signals;
            bool printed;
            lock (_gate)
            {
                UartCauses before = _chip.Causes;
                printed = _chip.Write((int)((offset + (ulong)i) % Length), data[i]);
                _transmitted += printed ? 1UL : 0;
                signals = Settle(before, refill: _chip.IsDrained);
            }

            // Outside the lock: the guest's instruction is not over yet, so output it has ordered stays in order.
            if (printed)
            {
                _output.Write(data.Slice(i, 1));
            }

            Send(signals);
        }
    }

    /// <inheritdoc/>
    public int Receive(ReadOnlySpan<byte> data)
    {
        int taken;
        Signals signals;
        lock (_gate)
        {
            UartCauses before = _chip.Causes;
            taken = _input.Enqueue(data);

            // The receiver's own room is room too, even for the caller who finds the queue full.
            signals = Settle(before, refill: true);
            taken += _input.Enqueue(data[taken..]);
            _refused |= taken < data.Length;
        }

        Send(signals);
        return taken;
    }

    /// <summary>The machine's reset: chip and waiting input start empty.</summary>
    public void Reset()
    {
        bool refused;
        lock (_gate)
        {
            _chip.Reset();
            _input.Clear();
            refused = _refused;
            _refused = false;
        }

        Send(refused ? Signals.Room : Signals.None);
    }

    /// <summary>The state of port and waiting input. The vCPUs are held.</summary>
    public SerialState Save()
    {
        lock (_gate)
        {
            return new SerialState { Uart = _chip.Save(), Input = [.. _input.ToArray()] };
        }
    }

    /// <summary>Takes a saved state over. The vCPUs are held. A cause that is present is signalled once more: an edge
    /// too many does no harm.</summary>
    /// <exception cref="DeviceStateException">The state is of another version or longer than the device.</exception>
    public void Restore(SerialState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the serial port", state.Version, SerialState.CurrentVersion);
        if (state.Input.IsDefault || state.Input.Length > InputLimit)
        {
            throw new DeviceStateException("the serial port", $"its input is missing or longer than {InputLimit} bytes");
        }

        if (state.Uart is null || state.Uart.Received.IsDefault || state.Uart.Received.Length > Uart16550.FifoDepth)
        {
            throw new DeviceStateException("the serial port", $"its receive FIFO is missing or longer than {Uart16550.FifoDepth} bytes");
        }

        Signals signals;
        lock (_gate)
        {
            _chip.Load(state.Uart);
            _input.Clear();
            _input.Enqueue(state.Input.AsSpan());
            signals = Settle(UartCauses.None, refill: _chip.IsDrained);
        }

        Send(signals);
    }

    /// <summary>After any change to the chip: feeds its receiver and finds out who must be told.</summary>
    private Signals Settle(UartCauses before, bool refill)
    {
        if (refill)
        {
            for (int room = _chip.Room; room > 0 && _input.TryDequeue(out byte character); room--)
            {
                _chip.Receive(character);
                _received++;
            }
        }

        UartCauses news = (_chip.Causes & ~before) | _chip.TakeRenewed();
        Signals signals = Signals.None;
        if (news != UartCauses.None)
        {
            _interrupts++;
            signals |= Signals.Interrupt;
        }

        // Half empty, so that a waiting sender is not woken for every sixteen bytes.
        if (_refused && _input.Count <= InputLimit / 2)
        {
            _refused = false;
            signals |= Signals.Room;
        }

        return signals;
    }

    private void Send(Signals signals)
    {
        if ((signals & Signals.Interrupt) != 0)
        {
            _interrupt.Trigger();
        }

        if ((signals & Signals.Room) != 0)
        {
            RoomAvailable?.Invoke();
        }
    }

    /// <summary>Who must be told once the lock is released.</summary>
    [Flags]
    private enum Signals : byte
    {
        None = 0,
        Interrupt = 1,
        Room = 2,
    }
}
