namespace StratoVirt.Machine.Lifecycle;

/// <summary>A byte the guest wrote to the boot-mark port, and when.</summary>
/// <param name="Code">The byte.</param>
/// <param name="SinceStart">Time since the start was asked for.</param>
public readonly record struct BootMark(byte Code, TimeSpan SinceStart);
