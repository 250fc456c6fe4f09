namespace StratoVirt.Devices.Legacy.Serial;

/// <summary>
/// The register machine of a 16550A: no bus, no interrupt line, no thread, no clock. Characters take no time, so the
/// transmitter is always empty again when the guest looks, and a character below the receive trigger level has always
/// waited long enough for the character timeout. Framing, parity, break and word length have no meaning here.
/// </summary>
internal sealed class Uart16550
{
    internal const int FifoDepth = 16;

    /// <summary>9600 baud from the PC's 1.8432 MHz crystal: what firmware leaves behind.</summary>
    private const ushort ResetDivisor = 12;

    /// <summary>A terminal that is there: ready, carrier, clear to send.</summary>
    private const byte ConnectedLines = ModemStatus.Cts | ModemStatus.Dsr | ModemStatus.Carrier;

    private readonly ByteQueue _receive = new(FifoDepth, FifoDepth);
    private UartCauses _enabled;
    private byte _fifoControl;
    private byte _lineControl;
    private byte _modemControl;
    private byte _modemChanges;
    private byte _scratch;
    private ushort _divisor = ResetDivisor;
    private bool _overrun;
    private bool _transmitEmptyPending;
    private bool _observed = true;
    private UartCauses _renewed;

    /// <summary>Causes that are both present and enabled; the INTR pin is high while there is any.</summary>
    internal UartCauses Causes
    {
        get
        {
            UartCauses present = UartCauses.None;
            present |= _receive.Count > 0 ? UartCauses.ReceivedData : 0;
            present |= _transmitEmptyPending ? UartCauses.TransmitEmpty : 0;
            present |= _overrun ? UartCauses.LineStatus : 0;
            present |= _modemChanges != 0 ? UartCauses.ModemStatus : 0;
            return present & _enabled;
        }
    }

    /// <summary>
    /// Causes that were satisfied and came back, or came twice, since this was last asked: <see cref="Causes"/> cannot
    /// show that. A transmitter that takes sixteen characters in a row empties sixteen times in no time; it counts
    /// once after each look at the status, as a transmitter that needs its time would.
    /// </summary>
    internal UartCauses TakeRenewed()
    {
        UartCauses renewed = _renewed;
        _renewed = UartCauses.None;
        return renewed & Causes;
    }

    /// <summary>Characters the line may deliver now without an overrun; none in loopback, which unplugs the line.</summary>
    internal int Room => IsLoopback ? 0 : Math.Max(0, Depth - _receive.Count);

    /// <summary>Whether the guest has taken every character.</summary>
    internal bool IsDrained => _receive.Count == 0;

    /// <summary>Characters lost to overruns since the chip was made. Only a guest in loopback can cause one.</summary>
    internal ulong Overruns { get; private set; }

    private bool HasFifos => (_fifoControl & FifoControl.Enable) != 0;

    private int Depth => HasFifos ? FifoDepth : 1;

    private bool IsLoopback => (_modemControl & ModemControl.Loopback) != 0;

    private bool IsDivisorLatch => (_lineControl & LineControl.DivisorLatch) != 0;

    private int TriggerLevel => (_fifoControl >> FifoControl.TriggerShift) switch { 0 => 1, 1 => 4, 2 => 8, _ => 14 };

    /// <summary>In loopback the four outputs are wired to the four inputs (data sheet 8.7).</summary>
    private byte ModemLines
    {
        get
        {
            if (!IsLoopback)
            {
                return ConnectedLines;
            }

            int lines = 0;
            lines |= (_modemControl & ModemControl.Rts) != 0 ? ModemStatus.Cts : 0;
            lines |= (_modemControl & ModemControl.Dtr) != 0 ? ModemStatus.Dsr : 0;
            lines |= (_modemControl & ModemControl.Out1) != 0 ? ModemStatus.Ring : 0;
            lines |= (_modemControl & ModemControl.Out2) != 0 ? ModemStatus.Carrier : 0;
            return (byte)lines;
        }
    }

    internal byte Read(int register) => register switch
    {
        UartRegister.DivisorLow when IsDivisorLatch => (byte)_divisor,
        UartRegister.DivisorHigh when IsDivisorLatch => (byte)(_divisor >> 8),
        UartRegister.ReceiveBuffer => _receive.TryDequeue(out byte character) ? character : (byte)0,
        UartRegister.InterruptEnable => (byte)_enabled,
        UartRegister.InterruptIdentification => ReadInterruptIdentification(),
        UartRegister.LineControl => _lineControl,
        UartRegister.ModemControl => _modemControl,
        UartRegister.LineStatus => ReadLineStatus(),
        UartRegister.ModemStatus => ReadModemStatus(),
        UartRegister.Scratch => _scratch,
        _ => 0,
    };

    /// <summary>True when the write put a character on the line; it is the value written.</summary>
    internal bool Write(int register, byte value)
    {
        switch (register)
        {
            case UartRegister.DivisorLow when IsDivisorLatch:
                _divisor = (ushort)((_divisor & 0xFF00) | value);
                break;
            case UartRegister.DivisorHigh when IsDivisorLatch:
                _divisor = (ushort)((_divisor & 0x00FF) | (value << 8));
                break;
            case UartRegister.TransmitHolding:
                return Transmit(value);
            case UartRegister.InterruptEnable:
                WriteInterruptEnable((UartCauses)value & UartCauses.All);
                break;
            case UartRegister.FifoControl:
                WriteFifoControl(value);
                break;
            case UartRegister.LineControl:
                _lineControl = value;
                break;
            case UartRegister.ModemControl:
                WriteModemControl((byte)(value & ModemControl.Implemented));
                break;
            case UartRegister.Scratch:
                _scratch = value;
                break;
            default:
                // LSR and MSR are written in the factory only.
                break;
        }

        return false;
    }

    /// <summary>A character arrives, from the line or in loopback. Without room it is an overrun.</summary>
    internal void Receive(byte character)
    {
        if (_receive.Count >= Depth)
        {
            _overrun = true;
            Overruns++;
            if (HasFifos)
            {
                // The FIFO keeps what it has; the character in the shift register is lost (data sheet 8.4).
                return;
            }

            _receive.Clear();
        }

        _receive.Enqueue([character]);
        _renewed |= UartCauses.ReceivedData;
    }

    /// <summary>The master reset pin.</summary>
    internal void Reset() => Load(new UartState { Divisor = ResetDivisor });

    internal UartState Save() => new()
    {
        InterruptEnable = (byte)_enabled,
        FifoControl = _fifoControl,
        LineControl = _lineControl,
        ModemControl = _modemControl,
        ModemChanges = _modemChanges,
        Scratch = _scratch,
        Divisor = _divisor,
        Overrun = _overrun,
        TransmitEmptyPending = _transmitEmptyPending,
        Received = [.. _receive.ToArray()],
    };

    /// <summary>Takes a state over. It may be foreign: bits the chip does not have are dropped.</summary>
    internal void Load(UartState state)
    {
        _enabled = (UartCauses)state.InterruptEnable & UartCauses.All;
        _fifoControl = ImplementedFifoControl(state.FifoControl);
        _lineControl = state.LineControl;
        _modemControl = (byte)(state.ModemControl & ModemControl.Implemented);
        _modemChanges = (byte)(state.ModemChanges & 0x0F);
        _scratch = state.Scratch;
        _divisor = state.Divisor;
        _overrun = state.Overrun;
        _transmitEmptyPending = state.TransmitEmptyPending;
        _observed = true;
        _renewed = UartCauses.None;
        _receive.Clear();
        _receive.Enqueue(state.Received.AsSpan()[..Math.Min(state.Received.Length, Depth)]);
    }

    private static byte ImplementedFifoControl(byte value) =>
        (value & FifoControl.Enable) == 0
            ? (byte)0
            : (byte)(value & (FifoControl.Enable | FifoControl.DmaMode | FifoControl.TriggerMask));

    private byte ReadInterruptIdentification()
    {
        _observed = true;
        UartCauses causes = Causes;
        byte id = InterruptId.None;
        if ((causes & UartCauses.LineStatus) != 0)
        {
            id = InterruptId.LineStatus;
        }
        else if ((causes & UartCauses.ReceivedData) != 0)
        {
            bool below = HasFifos && _receive.Count < TriggerLevel;
            id = below ? InterruptId.CharacterTimeout : InterruptId.ReceivedData;
        }
        else if ((causes & UartCauses.TransmitEmpty) != 0)
        {
            // Reading the IIR acknowledges this cause when, and only when, it is the one reported.
            id = InterruptId.TransmitEmpty;
            _transmitEmptyPending = false;
        }
        else if ((causes & UartCauses.ModemStatus) != 0)
        {
            id = InterruptId.ModemStatus;
        }

        return (byte)(id | (HasFifos ? InterruptId.FifosEnabled : 0));
    }

    private byte ReadLineStatus()
    {
        int status = LineStatus.HoldingEmpty | LineStatus.TransmitterEmpty;
        status |= _receive.Count > 0 ? LineStatus.DataReady : 0;
        status |= _overrun ? LineStatus.Overrun : 0;
        _overrun = false;
        _observed = true;
        return (byte)status;
    }

    private byte ReadModemStatus()
    {
        byte status = (byte)(ModemLines | _modemChanges);
        _modemChanges = 0;
        return status;
    }

    private bool Transmit(byte character)
    {
        _transmitEmptyPending = true;
        if (_observed || !HasFifos)
        {
            _observed = false;
            _renewed |= UartCauses.TransmitEmpty;
        }

        if (IsLoopback)
        {
            Receive(character);
            return false;
        }

        return true;
    }

    private void WriteInterruptEnable(UartCauses enabled)
    {
        // Enabling the cause while the transmitter is empty raises it at once; Linux tests its chips for that.
        bool rising = (enabled & ~_enabled & UartCauses.TransmitEmpty) != 0;
        _transmitEmptyPending |= rising;
        _enabled = enabled;
    }

    private void WriteFifoControl(byte value)
    {
        byte next = ImplementedFifoControl(value);
        bool switched = ((next ^ _fifoControl) & FifoControl.Enable) != 0;
        bool cleared = (next & FifoControl.Enable) != 0 && (value & FifoControl.ClearReceive) != 0;
        if (switched || cleared)
        {
            _receive.Clear();
        }

        _fifoControl = next;
    }

    private void WriteModemControl(byte value)
    {
        byte before = ModemLines;
        _modemControl = value;
        byte now = ModemLines;
        int changed = before ^ now;
        int changes = 0;
        changes |= (changed & ModemStatus.Cts) != 0 ? ModemStatus.DeltaCts : 0;
        changes |= (changed & ModemStatus.Dsr) != 0 ? ModemStatus.DeltaDsr : 0;
        changes |= (changed & before & ModemStatus.Ring) != 0 ? ModemStatus.TrailingRing : 0;
        changes |= (changed & ModemStatus.Carrier) != 0 ? ModemStatus.DeltaCarrier : 0;
        _modemChanges |= (byte)changes;
    }
}
