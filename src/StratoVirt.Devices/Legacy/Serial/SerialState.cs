using System.Collections.Immutable;

namespace StratoVirt.Devices.Legacy.Serial;

/// <summary>What a snapshot keeps of a serial port.</summary>
public sealed record SerialState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The chip.</summary>
    public UartState Uart { get; init; } = new();

    /// <summary>Typed bytes the chip has not taken yet, oldest first.</summary>
    public ImmutableArray<byte> Input { get; init; } = [];
}

/// <summary>The registers of a 16550A.</summary>
public sealed record UartState
{
    /// <summary>IER.</summary>
    public byte InterruptEnable { get; init; }

    /// <summary>FCR, without its self-clearing bits.</summary>
    public byte FifoControl { get; init; }

    /// <summary>LCR.</summary>
    public byte LineControl { get; init; }

    /// <summary>MCR.</summary>
    public byte ModemControl { get; init; }

    /// <summary>The four change bits of the MSR.</summary>
    public byte ModemChanges { get; init; }

    /// <summary>SCR.</summary>
    public byte Scratch { get; init; }

    /// <summary>DLM and DLL.</summary>
    public ushort Divisor { get; init; }

    /// <summary>LSR.OE.</summary>
    public bool Overrun { get; init; }

    /// <summary>Whether the transmitter-empty interrupt waits to be acknowledged.</summary>
    public bool TransmitEmptyPending { get; init; }

    /// <summary>The receive FIFO, oldest first, at most 16 bytes.</summary>
    public ImmutableArray<byte> Received { get; init; } = [];
}
