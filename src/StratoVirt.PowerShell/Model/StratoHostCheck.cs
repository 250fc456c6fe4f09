namespace StratoVirt.PowerShell;

/// <summary>One thing <c>Test-StratoHost</c> looked at.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="Result">What was found.</param>
/// <param name="Meaning">What follows from it; empty when nothing does.</param>
public sealed record StratoHostCheck(string Name, StratoCheckOutcome Outcome, string Result, string Meaning);
