using System.Globalization;

namespace StratoVirt.PowerShell;

/// <summary>A byte the guest wrote to the boot-mark port, and when.</summary>
/// <param name="Code">The byte.</param>
/// <param name="SinceStart">Time since the start was asked for.</param>
public sealed record StratoBootMark(byte Code, TimeSpan SinceStart)
{
    /// <summary>Both, as lists of marks show them.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Code} at {SinceStart.TotalMilliseconds:0.0} ms");
}
