using StratoVirt.Kvm.Abi;
using StratoVirt.Kvm.Abi.X64;
using StratoVirt.Kvm.X64;
using static StratoVirt.Kvm.Abi.X64.KvmIoctlX64;

namespace StratoVirt.Kvm;

public sealed partial class KvmVm
{
    // Bytes of kvm_xsave without dynamic features.
    internal const int LegacyXsaveLength = 4096;

    /// <summary>Places the three pages Intel processors need for a task state segment while they emulate real mode.</summary>
    /// <param name="address">Guest physical address below 4 GiB, outside memory and MMIO.</param>
    public void SetTssAddress(uint address) => Ioctl.Invoke(_fd, KVM_SET_TSS_ADDR, (nint)address);

    /// <summary>Places the page Intel processors need for an identity page table. Before any vCPU.</summary>
    /// <param name="address">Guest physical address below 4 GiB, outside memory and MMIO.</param>
    public void SetIdentityMapAddress(ulong address) => Ioctl.Invoke(_fd, KVM_SET_IDENTITY_MAP_ADDR, ref address);

    /// <summary>Creates an i8254 in the kernel. After <see cref="CreateIrqChip"/>.</summary>
    /// <param name="dummySpeaker">Also answers port 0x61, so that guests which time loops by the speaker's gate run.</param>
    public void CreatePit2(bool dummySpeaker = true)
    {
        var config = new kvm_pit_config { flags = dummySpeaker ? KvmX64Constants.KVM_PIT_SPEAKER_DUMMY : 0 };
        Ioctl.Invoke(_fd, KVM_CREATE_PIT2, ref config);
    }

    /// <summary>The i8254's state.</summary>
    public PitState GetPit2()
    {
        PitState state = default;
        Ioctl.Invoke(_fd, KVM_GET_PIT2, ref state);
        return state;
    }

    /// <summary>Sets the i8254's state.</summary>
    public void SetPit2(PitState state) => Ioctl.Invoke(_fd, KVM_SET_PIT2, ref state);

    /// <summary>State of one of the two i8259.</summary>
    public PicState GetPic(IrqChip chip)
    {
        RequirePic(chip);
        var state = new kvm_irqchip { chip_id = (uint)chip };
        Ioctl.Invoke(_fd, KVM_GET_IRQCHIP, ref state);
        return state.pic;
    }

    /// <summary>Sets the state of one of the two i8259.</summary>
    public void SetPic(IrqChip chip, PicState pic)
    {
        RequirePic(chip);
        var state = new kvm_irqchip { chip_id = (uint)chip, pic = pic };
        Ioctl.Invoke(_fd, KVM_SET_IRQCHIP, ref state);
    }

    /// <summary>State of the I/O APIC.</summary>
    public IoApicState GetIoApic()
    {
        var state = new kvm_irqchip { chip_id = (uint)IrqChip.IoApic };
        Ioctl.Invoke(_fd, KVM_GET_IRQCHIP, ref state);
        return state.ioapic;
    }

    /// <summary>Sets the state of the I/O APIC.</summary>
    public void SetIoApic(IoApicState ioApic)
    {
        var state = new kvm_irqchip { chip_id = (uint)IrqChip.IoApic, ioapic = ioApic };
        Ioctl.Invoke(_fd, KVM_SET_IRQCHIP, ref state);
    }

    /// <summary>What the guest's kvmclock shows now.</summary>
    public ClockData GetClock()
    {
        ClockData clock = default;
        Ioctl.Invoke(_fd, KVM_GET_CLOCK, ref clock);
        return clock;
    }

    /// <summary>Sets the guest's kvmclock. Give back a clock as it was read and with <see cref="ClockFlags.Realtime"/>
    /// to have it go on by the time that has passed, without any flag to have it go on where it stopped.</summary>
    public void SetClock(ClockData clock) => Ioctl.Invoke(_fd, KVM_SET_CLOCK, ref clock);

    private static void RequirePic(IrqChip chip)
    {
        if (chip is not (IrqChip.PicMaster or IrqChip.PicSlave))
        {
            throw new ArgumentOutOfRangeException(nameof(chip), chip, "Only the two i8259 have this state.");
        }
    }

    private int XsaveLength() => Math.Max(LegacyXsaveLength, CheckExtension(KvmCapability.Xsave2));
}
