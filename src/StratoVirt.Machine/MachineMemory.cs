namespace StratoVirt.Machine;

/// <summary>A machine's memory at one moment.</summary>
/// <param name="Configured">Bytes the guest has, with what devices of it can still plug in.</param>
/// <param name="Resident">Bytes of it that the host has given; null where this process does not see its own mappings, as
/// in a jail.</param>
public readonly record struct MachineMemory(ulong Configured, ulong? Resident);
