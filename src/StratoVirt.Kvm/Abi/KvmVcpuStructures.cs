using System.Runtime.InteropServices;

namespace StratoVirt.Kvm.Abi;

[StructLayout(LayoutKind.Sequential)]
internal struct kvm_mp_state
{
    internal uint mp_state;
}

// The kernel's structure ends after the length; the set follows it without padding.
[StructLayout(LayoutKind.Sequential)]
internal struct kvm_signal_mask
{
    internal uint len;
}
