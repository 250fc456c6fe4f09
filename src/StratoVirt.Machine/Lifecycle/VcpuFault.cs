using System.Collections.Immutable;

namespace StratoVirt.Machine.Lifecycle;

/// <summary>A fault that stopped a vCPU, in terms an operator can act on.</summary>
/// <param name="Cpu">Index of the vCPU.</param>
/// <param name="Reason">What happened: <c>triple fault</c>, <c>KVM internal error: emulation failure</c>, <c>entry failure 0x…</c>.</param>
/// <param name="ExitReason">KVM's exit reason number.</param>
/// <param name="Registers">Name and value of the general, control and segment registers, in the usual order.</param>
/// <param name="Instruction">Bytes at the instruction pointer as far as they could be read.</param>
/// <param name="Hint">What it most likely means, and what to try.</param>
public sealed record VcpuFault(
    int Cpu,
    string Reason,
    uint ExitReason,
    ImmutableArray<KeyValuePair<string, ulong>> Registers,
    ImmutableArray<byte> Instruction,
    string Hint)
{
    /// <summary>Whether the guest reached for memory of which the host had no page.</summary>
    public bool IsLostPage { get; init; }
}
