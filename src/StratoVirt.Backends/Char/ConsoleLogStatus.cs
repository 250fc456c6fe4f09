namespace StratoVirt.Backends.Char;

/// <summary>How a console log fares.</summary>
/// <param name="Written">Bytes of console output in the log since it was opened, rotated ones included.</param>
/// <param name="Lost">Bytes that never reached it, because the guest printed faster than the file took them.</param>
/// <param name="Problem">Why nothing is being written now, or null when all is well.</param>
public sealed record ConsoleLogStatus(long Written, long Lost, string? Problem);
