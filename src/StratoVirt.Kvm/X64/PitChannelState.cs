using System.Runtime.InteropServices;
using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm.X64;

/// <summary>One channel of the i8254, laid out as the kernel's <c>kvm_pit_channel_state</c>.</summary>
[StructLayout(LayoutKind.Sequential), KernelName("kvm_pit_channel_state")]
public record struct PitChannelState
{
    /// <summary>Reload value, 1 to 65536.</summary>
    public uint Count;
    /// <summary>Count that was latched.</summary>
    public ushort LatchedCount;
    /// <summary>What remains to be read of it.</summary>
    public byte CountLatched;
    /// <summary>1 when the status is latched.</summary>
    public byte StatusLatched;
    /// <summary>The latched status.</summary>
    public byte Status;
    /// <summary>Which byte is read next.</summary>
    public byte ReadState;
    /// <summary>Which byte is written next.</summary>
    public byte WriteState;
    /// <summary>Low byte written so far.</summary>
    public byte WriteLatch;
    /// <summary>Access mode.</summary>
    public byte RwMode;
    /// <summary>Counter mode, 0 to 5.</summary>
    public byte Mode;
    /// <summary>1 when counting in BCD.</summary>
    public byte Bcd;
    /// <summary>Level of the gate.</summary>
    public byte Gate;
    /// <summary>Host time of the last load, nanoseconds of CLOCK_MONOTONIC: not valid on another host.</summary>
    public long CountLoadTime;
}
