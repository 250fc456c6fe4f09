using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm;

/// <summary>Kinds of <see cref="SystemEventExit"/>; other values are legal.</summary>
public enum SystemEventType : uint
{
    /// <summary>Not a value of the kernel's.</summary>
    None = 0,
    /// <summary>KVM_SYSTEM_EVENT_SHUTDOWN: power off.</summary>
    Shutdown = KvmConstants.KVM_SYSTEM_EVENT_SHUTDOWN,
    /// <summary>KVM_SYSTEM_EVENT_RESET: reset.</summary>
    Reset = KvmConstants.KVM_SYSTEM_EVENT_RESET,
    /// <summary>KVM_SYSTEM_EVENT_CRASH: the guest says that it has crashed.</summary>
    Crash = KvmConstants.KVM_SYSTEM_EVENT_CRASH,
}
