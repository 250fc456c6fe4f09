namespace StratoVirt.Devices.Legacy.Rtc;

/// <summary>How time stands in the registers: BCD or binary, 24 or 12 hours, as register B says.</summary>
/// <param name="RegisterB">Register B.</param>
internal readonly record struct RtcEncoding(byte RegisterB)
{
    private bool IsBinary => (RegisterB & RtcB.Binary) != 0;

    private bool Is24Hours => (RegisterB & RtcB.Hours24) != 0;

    /// <summary>What a time register holds at a time.</summary>
    internal byte Encode(int register, DateTime time) => register switch
    {
        RtcRegister.Seconds => Digits(time.Second),
        RtcRegister.Minutes => Digits(time.Minute),
        RtcRegister.Hours => EncodeHour(time.Hour),
        RtcRegister.DayOfWeek => Digits((int)time.DayOfWeek + 1),
        RtcRegister.DayOfMonth => Digits(time.Day),
        RtcRegister.Month => Digits(time.Month),
        RtcRegister.Year => Digits(time.Year % 100),
        RtcRegister.Century => Digits(time.Year / 100),
        _ => 0,
    };

    /// <summary>The time that stands in the registers. The guest may have written anything: a field that is out of
    /// range counts as the nearest value that is in it.</summary>
    internal DateTime Decode(ReadOnlySpan<byte> registers)
    {
        int century = Math.Clamp(Value(registers[RtcRegister.Century]), 0, 99);
        int year = (century * 100) + Math.Clamp(Value(registers[RtcRegister.Year]), 0, 99);
        year = Math.Clamp(year, DateTime.MinValue.Year, DateTime.MaxValue.Year);
        int month = Math.Clamp(Value(registers[RtcRegister.Month]), 1, 12);
        int day = Math.Clamp(Value(registers[RtcRegister.DayOfMonth]), 1, DateTime.DaysInMonth(year, month));
        int minute = Math.Clamp(Value(registers[RtcRegister.Minutes]), 0, 59);
        int second = Math.Clamp(Value(registers[RtcRegister.Seconds]), 0, 59);
        return new DateTime(year, month, day, DecodeHour(registers[RtcRegister.Hours]), minute, second, DateTimeKind.Utc);
    }

    private byte EncodeHour(int hour)
    {
        if (Is24Hours)
        {
            return Digits(hour);
        }

        int twelve = hour % 12 == 0 ? 12 : hour % 12;
        return (byte)(Digits(twelve) | (hour >= 12 ? RtcHours.Afternoon : 0));
    }

    private int DecodeHour(byte register)
    {
        if (Is24Hours)
        {
            return Math.Clamp(Value(register), 0, 23);
        }

        int twelve = Math.Clamp(Value((byte)(register & ~RtcHours.Afternoon)), 1, 12) % 12;
        return twelve + ((register & RtcHours.Afternoon) != 0 ? 12 : 0);
    }

    private byte Digits(int value) => (byte)(IsBinary ? value : ((value / 10) << 4) | (value % 10));

    private int Value(byte register) => IsBinary ? register : ((register >> 4) * 10) + (register & 0x0F);
}
