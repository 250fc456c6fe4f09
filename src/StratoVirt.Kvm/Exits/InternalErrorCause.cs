using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm;

/// <summary>Kinds of <see cref="InternalErrorExit"/>; other values are legal.</summary>
public enum InternalErrorCause : uint
{
    /// <summary>Not a value of the kernel's.</summary>
    None = 0,
    /// <summary>KVM_INTERNAL_ERROR_EMULATION: an instruction KVM cannot emulate.</summary>
    Emulation = KvmConstants.KVM_INTERNAL_ERROR_EMULATION,
    /// <summary>KVM_INTERNAL_ERROR_SIMUL_EX: an exception while another was delivered.</summary>
    SimultaneousException = KvmConstants.KVM_INTERNAL_ERROR_SIMUL_EX,
    /// <summary>KVM_INTERNAL_ERROR_DELIVERY_EV: an exit while an event was delivered.</summary>
    DeliveryEvent = KvmConstants.KVM_INTERNAL_ERROR_DELIVERY_EV,
    /// <summary>KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON: the processor left the guest for an unknown reason.</summary>
    UnexpectedExitReason = KvmConstants.KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
}
