using StratoVirt.Kvm;
using StratoVirt.Kvm.X64;
using StratoVirt.Machine.Boot.X64;

namespace StratoVirt.Machine.Vcpu.X64;

/// <summary>Puts a fresh vCPU into the state its first instruction expects.</summary>
internal static class BootRegisters
{
    private const uint MiscEnable = 0x1A0;
    private const uint MtrrDefaultType = 0x2FF;

    // IA32_MISC_ENABLE bit 0: fast string operations.
    private const ulong FastStrings = 1;

    // MTRRs enabled, write-back by default: Linux leaves its PAT off where MTRRs are.
    private const ulong MtrrEnabledWriteBack = (1 << 11) | 6;

    /// <summary>The boot vCPU enters the kernel here.</summary>
    public static void Apply(KvmVcpu vcpu, EntryPoint entry)
    {
        VcpuSpecialRegisters special = vcpu.GetSpecialRegisters();
        special.Cs = Convert(entry.Code);
        special.Ds = special.Es = special.Fs = special.Gs = special.Ss = Convert(entry.Data);
        special.Tr = Convert(entry.TaskState);
        special.Gdt.Base = entry.GdtBase;
        special.Gdt.Limit = entry.GdtLimit;
        special.Idt.Base = 0;
        special.Idt.Limit = 0;
        special.Cr0 = entry.Cr0;
        special.Cr3 = entry.Cr3;
        special.Cr4 = entry.Cr4;
        special.Efer = entry.Efer;
        vcpu.SetSpecialRegisters(special);
        vcpu.SetRegisters(new VcpuRegisters
        {
            Rip = entry.Rip,
            Rsp = entry.Rsp,
            Rbp = entry.Rsp,
            Rsi = entry.Rsi,
            Rbx = entry.Rbx,
            Rflags = entry.Rflags,
        });
    }

    /// <summary>Sets the model-specific registers a kernel expects firmware to have set. An unusual KVM may not know
    /// all of them: one it does not know keeps its reset value, and kernels manage.</summary>
    public static void ApplyMsrs(KvmVcpu vcpu)
    {
        foreach (MsrEntry msr in (ReadOnlySpan<MsrEntry>)[new(MiscEnable, FastStrings), new(MtrrDefaultType, MtrrEnabledWriteBack)])
        {
            vcpu.SetMsrs([msr]);
        }
    }

    private static Kvm.X64.Segment Convert(Boot.X64.Segment segment) => new()
    {
        Base = segment.Base,
        Limit = segment.Limit,
        Selector = segment.Selector,
        Type = segment.Type,
        Present = 1,
        Dpl = 0,
        Db = (byte)(segment.IsDefault32 ? 1 : 0),
        S = (byte)(segment.IsCodeOrData ? 1 : 0),
        L = (byte)(segment.IsLong ? 1 : 0),
        G = (byte)(segment.IsPageGranular ? 1 : 0),
    };
}
