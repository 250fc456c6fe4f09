namespace StratoVirt.PowerShell;

/// <summary>How often one vCPU left the guest, by reason.</summary>
/// <param name="Cpu">Index of the vCPU.</param>
/// <param name="Pio">Port I/O.</param>
/// <param name="Mmio">Memory-mapped I/O.</param>
/// <param name="Interrupted">A kick or another signal.</param>
/// <param name="Other">All others.</param>
public sealed record StratoVcpuExits(int Cpu, ulong Pio, ulong Mmio, ulong Interrupted, ulong Other)
{
    /// <summary>The vCPU and what it left the guest for, as lists of vCPUs show them.</summary>
    public override string ToString() => $"vCPU {Cpu}: pio {Pio}, mmio {Mmio}, interrupted {Interrupted}, other {Other}";
}
