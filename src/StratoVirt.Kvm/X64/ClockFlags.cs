namespace StratoVirt.Kvm.X64;

/// <summary>What is valid in a <see cref="ClockData"/>.</summary>
[Flags]
public enum ClockFlags : uint
{
    /// <summary>The clock alone.</summary>
    None = 0,
    /// <summary>KVM_CLOCK_TSC_STABLE: all vCPUs see the same clock.</summary>
    TscStable = Abi.X64.KvmX64Constants.KVM_CLOCK_TSC_STABLE,
    /// <summary>KVM_CLOCK_REALTIME.</summary>
    Realtime = Abi.X64.KvmX64Constants.KVM_CLOCK_REALTIME,
    /// <summary>KVM_CLOCK_HOST_TSC.</summary>
    HostTsc = Abi.X64.KvmX64Constants.KVM_CLOCK_HOST_TSC,
}
