namespace StratoVirt.Bench;

/// <summary>A measurement that could not be taken. No number is made up for it.</summary>
internal sealed class BenchException(string message) : Exception(message);
