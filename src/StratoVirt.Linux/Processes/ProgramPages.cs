namespace StratoVirt.Linux.Processes;

/// <summary>A mapping of the program's own file that is never written.</summary>
/// <param name="Start">Its first address.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct ProgramPages(nint Start, nuint Length);
