namespace StratoVirt.Devices.Legacy.Rtc;

// Register numbers and bits of the Motorola MC146818A data sheet; the century byte is the PC's.

internal static class RtcRegister
{
    internal const int Seconds = 0x00;
    internal const int Minutes = 0x02;
    internal const int Hours = 0x04;
    internal const int DayOfWeek = 0x06;
    internal const int DayOfMonth = 0x07;
    internal const int Month = 0x08;
    internal const int Year = 0x09;
    internal const int A = 0x0A;
    internal const int B = 0x0B;
    internal const int C = 0x0C;
    internal const int D = 0x0D;

    /// <summary>The FADT's CENTURY field names this byte (ACPI 5.2.9).</summary>
    internal const int Century = 0x32;
    internal const int Count = 0x80;

    internal static bool IsTime(int register) =>
        register is Seconds or Minutes or Hours or DayOfWeek or DayOfMonth or Month or Year or Century;
}

/// <summary>Bits of register A.</summary>
internal static class RtcA
{
    internal const byte UpdateInProgress = 0x80;

    /// <summary>Both set: the divider chain is held in reset.</summary>
    internal const byte DividerReset = 0x60;

    /// <summary>A 32768 Hz crystal and a 1024 Hz periodic rate: what PC firmware programs.</summary>
    internal const byte PowerOn = 0x26;
}

/// <summary>Bits of register B.</summary>
internal static class RtcB
{
    internal const byte Set = 0x80;
    internal const byte Binary = 0x04;
    internal const byte Hours24 = 0x02;

    /// <summary>The interrupt enables and the square wave: what the reset pin clears.</summary>
    internal const byte ClearedByReset = 0x78;

    /// <summary>BCD, 24 hours: what PC firmware programs.</summary>
    internal const byte PowerOn = Hours24;
}

/// <summary>Bits of register D.</summary>
internal static class RtcD
{
    /// <summary>The battery has not failed.</summary>
    internal const byte ValidTime = 0x80;
}

/// <summary>The bit of the hours register that means afternoon in 12-hour mode.</summary>
internal static class RtcHours
{
    internal const byte Afternoon = 0x80;
}
