namespace StratoVirt.Definitions;

/// <summary>The serial console: how much history stays in memory and where its log goes.</summary>
public sealed record ConsoleSpec
{
    /// <summary>Bytes of output kept in memory for <c>Receive-StratoConsole</c>, 4 KiB to 64 MiB.</summary>
    public ByteSize History { get; init; } = new(256 << 10);

    /// <summary>Keep a log file (<c>console.log</c> in the machine's runtime directory).</summary>
    public bool Log { get; init; } = true;

    /// <summary>The log is rotated once (to <c>console.log.1</c>) when it reaches this size, 64 KiB to 1 GiB.</summary>
    public ByteSize LogLimit { get; init; } = ByteSize.FromMebibytes(16);
}
