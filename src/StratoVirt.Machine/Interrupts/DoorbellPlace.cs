namespace StratoVirt.Machine.Interrupts;

/// <summary>What a guest writes to notify of one queue.</summary>
/// <param name="Address">Guest physical address.</param>
/// <param name="Length">Bytes written.</param>
/// <param name="Value">The value that means this queue; null when the address alone says it.</param>
internal readonly record struct DoorbellPlace(ulong Address, int Length, ulong? Value);
