using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>The i8254, laid out as the kernel's <c>kvm_pit_state2</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 112), KernelName("kvm_pit_state2")]
public struct PitState
{
    /// <summary>The channels.</summary>
    public ChannelArray Channels;
    /// <summary>KVM_PIT_FLAGS_*.</summary>
    public uint Flags;

    /// <summary>Three channels.</summary>
    [InlineArray(3)]
    public struct ChannelArray
    {
        private PitChannelState _first;
    }
}
