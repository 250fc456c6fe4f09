namespace StratoVirt.Host.Serial;

/// <summary>Where a serial port leads outside.</summary>
/// <param name="Kind">The kind of place.</param>
/// <param name="Path">The file, where it is one.</param>
internal sealed record SerialTarget(SerialTargetKind Kind, string? Path = null)
{
    /// <summary>What it prints is kept as a machine's console is, and goes nowhere else.</summary>
    public static SerialTarget Nowhere { get; } = new(SerialTargetKind.Nowhere);
}

/// <summary>The kinds of place a serial port leads to.</summary>
internal enum SerialTargetKind
{
    Nowhere,
    StandardStreams,
    File,
}
