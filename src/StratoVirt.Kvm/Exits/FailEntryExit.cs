namespace StratoVirt.Kvm;

/// <summary>The processor refused to enter the guest.</summary>
/// <param name="HardwareReason">The processor's own code: VM-entry failure reason, or VMEXIT_INVALID.</param>
/// <param name="HostCpu">Host processor it happened on.</param>
public readonly record struct FailEntryExit(ulong HardwareReason, uint HostCpu);
