using static StratoVirt.Kvm.Abi.X64.KvmX64Constants;

namespace StratoVirt.Kvm.X64;

/// <summary>What a vCPU of a VM with in-kernel local APICs is doing.</summary>
public enum MpState : uint
{
    /// <summary>KVM_MP_STATE_RUNNABLE.</summary>
    Runnable = KVM_MP_STATE_RUNNABLE,
    /// <summary>KVM_MP_STATE_UNINITIALIZED: an application processor that waits for INIT.</summary>
    Uninitialized = KVM_MP_STATE_UNINITIALIZED,
    /// <summary>KVM_MP_STATE_INIT_RECEIVED: waits for the start-up IPI.</summary>
    InitReceived = KVM_MP_STATE_INIT_RECEIVED,
    /// <summary>KVM_MP_STATE_HALTED: in HLT.</summary>
    Halted = KVM_MP_STATE_HALTED,
    /// <summary>KVM_MP_STATE_SIPI_RECEIVED: about to start.</summary>
    SipiReceived = KVM_MP_STATE_SIPI_RECEIVED,
}
