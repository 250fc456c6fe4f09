namespace StratoVirt.PowerShell;

/// <summary>A byte the guest wrote to the boot-mark port, and when.</summary>
/// <param name="Code">The byte.</param>
/// <param name="SinceStart">Time since the start was asked for.</param>
public sealed record StratoBootMark(byte Code, TimeSpan SinceStart);
