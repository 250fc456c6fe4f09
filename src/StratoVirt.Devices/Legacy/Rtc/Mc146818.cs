namespace StratoVirt.Devices.Legacy.Rtc;

/// <summary>
/// The register machine of the PC's clock: an MC146818 with 128 bytes. It is told the host's time (UTC, in
/// <see cref="DateTime"/> ticks of 100 ns) with every access and keeps the guest's as an offset from it, so it runs
/// by itself, and truly, across pauses. The alarm registers keep their bytes; there are no interrupts.
/// </summary>
internal sealed class Mc146818
{
    /// <summary>UIP rises 244 us before the 1984 us update of a 32768 Hz chip (data sheet, table 6): in that time
    /// before each second a reader must keep away, and outside it he has at least the 244 us to finish.</summary>
    private const long UpdateTicks = (244 + 1984) * TimeSpan.TicksPerMicrosecond;

    /// <summary>The first update after a divider reset comes half a second later (data sheet, register A).</summary>
    private const long PhaseAfterDividerReset = TimeSpan.TicksPerSecond / 2;

    private readonly byte[] _registers = new byte[RtcRegister.Count];
    private long _offset;
    private bool _dividerWasReset;

    internal Mc146818()
    {
        _registers[RtcRegister.A] = RtcA.PowerOn;
        _registers[RtcRegister.B] = RtcB.PowerOn;
    }

    /// <summary>While the clock is held, the time registers are plain bytes; else they are computed.</summary>
    private bool IsHeld =>
        (_registers[RtcRegister.B] & RtcB.Set) != 0
        || (_registers[RtcRegister.A] & RtcA.DividerReset) == RtcA.DividerReset;

    internal byte Read(int register, long hostTicks) => register switch
    {
        RtcRegister.A => ReadA(hostTicks),
        RtcRegister.C => 0,
        RtcRegister.D => RtcD.ValidTime,
        _ when RtcRegister.IsTime(register) && !IsHeld => Encoding.Encode(register, GuestTime(hostTicks)),
        _ => _registers[register],
    };

    internal void Write(int register, byte value, long hostTicks)
    {
        switch (register)
        {
            case RtcRegister.A:
                WriteControl(register, (byte)(value & ~RtcA.UpdateInProgress), hostTicks);
                break;
            case RtcRegister.B:
                WriteControl(register, value, hostTicks);
                break;
            case RtcRegister.C or RtcRegister.D:
                // Read-only.
                break;
            case RtcRegister.DayOfWeek when !IsHeld:
                // Follows from the date.
                break;
            case var _ when RtcRegister.IsTime(register) && !IsHeld:
                Hold(hostTicks);
                _registers[register] = value;
                Run(hostTicks);
                break;
            default:
                _registers[register] = value;
                break;
        }
    }

    /// <summary>The reset pin. Time and memory have a battery.</summary>
    internal void Reset() => _registers[RtcRegister.B] &= unchecked((byte)~RtcB.ClearedByReset);

    internal (byte[] Registers, long Offset, bool DividerWasReset) Save() => ((byte[])_registers.Clone(), _offset, _dividerWasReset);

    internal void Load(ReadOnlySpan<byte> registers, long offset, bool dividerWasReset)
    {
        registers.CopyTo(_registers);
        _registers[RtcRegister.A] &= unchecked((byte)~RtcA.UpdateInProgress);
        _offset = offset;
        _dividerWasReset = dividerWasReset;
    }

    private RtcEncoding Encoding => new(_registers[RtcRegister.B]);

    private byte ReadA(long hostTicks)
    {
        bool updating = !IsHeld && GuestTicks(hostTicks) % TimeSpan.TicksPerSecond >= TimeSpan.TicksPerSecond - UpdateTicks;
        return (byte)(_registers[RtcRegister.A] | (updating ? RtcA.UpdateInProgress : 0));
    }

    private void WriteControl(int register, byte value, long hostTicks)
    {
        bool was = IsHeld;
        if (!was)
        {
            // Before the write: the mode bits of B decide how the time is written down.
            Hold(hostTicks);
        }

        _registers[register] = value;
        _dividerWasReset |= (_registers[RtcRegister.A] & RtcA.DividerReset) == RtcA.DividerReset;
        if (was && !IsHeld)
        {
            Run(hostTicks);
        }
    }

    /// <summary>Writes the running time down in the time registers.</summary>
    private void Hold(long hostTicks)
    {
        DateTime time = GuestTime(hostTicks);
        for (int register = RtcRegister.Seconds; register <= RtcRegister.Year; register++)
        {
            if (RtcRegister.IsTime(register))
            {
                _registers[register] = Encoding.Encode(register, time);
            }
        }

        _registers[RtcRegister.Century] = Encoding.Encode(RtcRegister.Century, time);
    }

    /// <summary>Lets the clock run on from what the time registers say.</summary>
    private void Run(long hostTicks)
    {
        long phase = _dividerWasReset ? PhaseAfterDividerReset : GuestTicks(hostTicks) % TimeSpan.TicksPerSecond;
        _dividerWasReset = false;
        _offset = Encoding.Decode(_registers).Ticks + phase - hostTicks;
    }

    private DateTime GuestTime(long hostTicks) => new(GuestTicks(hostTicks), DateTimeKind.Utc);

    /// <summary>Held inside the calendar: offsets come from guests and from files.</summary>
    private long GuestTicks(long hostTicks) =>
        (long)Int128.Clamp((Int128)hostTicks + _offset, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
}
