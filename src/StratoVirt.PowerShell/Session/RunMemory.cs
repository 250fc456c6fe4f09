namespace StratoVirt.PowerShell.Session;

/// <summary>The memory of a machine at one moment, in bytes; null where its process does not see it.</summary>
/// <param name="Guest">What the guest has.</param>
/// <param name="GuestResident">How much of it the host has given.</param>
/// <param name="ProcessResident">What its process uses beside the memory of its guests.</param>
internal readonly record struct RunMemory(ulong Guest, ulong? GuestResident, ulong? ProcessResident);
