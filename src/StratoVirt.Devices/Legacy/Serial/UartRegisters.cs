namespace StratoVirt.Devices.Legacy.Serial;

// Register offsets and bits of the National Semiconductor PC16550D data sheet, section 8.

/// <summary>Offsets. Three of them mean different registers for reads, for writes and with LCR.DLAB set.</summary>
internal static class UartRegister
{
    internal const int ReceiveBuffer = 0;
    internal const int TransmitHolding = 0;
    internal const int DivisorLow = 0;
    internal const int InterruptEnable = 1;
    internal const int DivisorHigh = 1;
    internal const int InterruptIdentification = 2;
    internal const int FifoControl = 2;
    internal const int LineControl = 3;
    internal const int ModemControl = 4;
    internal const int LineStatus = 5;
    internal const int ModemStatus = 6;
    internal const int Scratch = 7;
}

/// <summary>Interrupt causes; the values are the enable bits of the IER.</summary>
[Flags]
internal enum UartCauses : byte
{
    None = 0,
    ReceivedData = 1 << 0,
    TransmitEmpty = 1 << 1,
    LineStatus = 1 << 2,
    ModemStatus = 1 << 3,
    All = 0x0F,
}

/// <summary>Values of the IIR, by falling priority.</summary>
internal static class InterruptId
{
    internal const byte LineStatus = 0x06;
    internal const byte ReceivedData = 0x04;
    internal const byte CharacterTimeout = 0x0C;
    internal const byte TransmitEmpty = 0x02;
    internal const byte ModemStatus = 0x00;
    internal const byte None = 0x01;
    internal const byte FifosEnabled = 0xC0;
}

/// <summary>Bits of the FCR.</summary>
internal static class FifoControl
{
    internal const byte Enable = 0x01;
    internal const byte ClearReceive = 0x02;
    internal const byte DmaMode = 0x08;
    internal const byte TriggerMask = 0xC0;
    internal const int TriggerShift = 6;
}

/// <summary>Bits of the LCR.</summary>
internal static class LineControl
{
    internal const byte DivisorLatch = 0x80;
}

/// <summary>Bits of the MCR.</summary>
internal static class ModemControl
{
    internal const byte Dtr = 0x01;
    internal const byte Rts = 0x02;
    internal const byte Out1 = 0x04;
    internal const byte Out2 = 0x08;
    internal const byte Loopback = 0x10;
    internal const byte Implemented = 0x1F;
}

/// <summary>Bits of the LSR.</summary>
internal static class LineStatus
{
    internal const byte DataReady = 0x01;
    internal const byte Overrun = 0x02;
    internal const byte HoldingEmpty = 0x20;
    internal const byte TransmitterEmpty = 0x40;
}

/// <summary>Bits of the MSR: four lines, and below them what has changed since the last read.</summary>
internal static class ModemStatus
{
    internal const byte DeltaCts = 0x01;
    internal const byte DeltaDsr = 0x02;
    internal const byte TrailingRing = 0x04;
    internal const byte DeltaCarrier = 0x08;
    internal const byte Cts = 0x10;
    internal const byte Dsr = 0x20;
    internal const byte Ring = 0x40;
    internal const byte Carrier = 0x80;
}
