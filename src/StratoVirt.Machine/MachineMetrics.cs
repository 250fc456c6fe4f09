using System.Collections.Immutable;

namespace StratoVirt.Machine;

/// <summary>Counters of one machine.</summary>
/// <param name="Vcpus">Exits of each vCPU by reason, in vCPU order.</param>
public sealed record MachineMetrics(ImmutableArray<VcpuMetrics> Vcpus);

/// <summary>Exits of one vCPU.</summary>
/// <param name="Pio">Port I/O exits.</param>
/// <param name="Mmio">Memory-mapped I/O exits.</param>
/// <param name="Interrupted">Returns because of a kick or another signal.</param>
/// <param name="Other">All others.</param>
public readonly record struct VcpuMetrics(ulong Pio, ulong Mmio, ulong Interrupted, ulong Other);
