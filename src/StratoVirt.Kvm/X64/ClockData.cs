using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>The VM's kvmclock, laid out as the kernel's <c>kvm_clock_data</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 48), KernelName("kvm_clock_data")]
public record struct ClockData
{
    /// <summary>Nanoseconds the guest's clock shows.</summary>
    public ulong Clock;
    /// <summary>What is valid here.</summary>
    public ClockFlags Flags;
    private uint _pad0;
    /// <summary>Nanoseconds since 1970 at the same instant, where valid. Set with the clock, it lets the clock go on
    /// by the real time that has passed since.</summary>
    public ulong Realtime;
    /// <summary>The host's TSC at the same instant, where valid.</summary>
    public ulong HostTsc;
}
