using StratoVirt.Kvm.Abi;
using StratoVirt.Kvm.Abi.X64;
using StratoVirt.Kvm.X64;
using StratoVirt.Linux;
using static StratoVirt.Kvm.Abi.KvmIoctl;
using static StratoVirt.Kvm.Abi.X64.KvmIoctlX64;

namespace StratoVirt.Kvm;

public sealed partial class KvmVcpu
{
    /// <summary>Bytes of <see cref="GetXsave"/>, as this VM's features make it; at least 4096.</summary>
    public int XsaveLength => _xsaveLength;

    /// <summary>What the vCPU is doing. Only with in-kernel local APICs.</summary>
    public MpState MpState
    {
        get => (MpState)Read<kvm_mp_state>(KVM_GET_MP_STATE, nameof(KVM_GET_MP_STATE)).mp_state;
        set => Write(KVM_SET_MP_STATE, new kvm_mp_state { mp_state = (uint)value }, nameof(KVM_SET_MP_STATE));
    }

    /// <summary>General registers.</summary>
    public VcpuRegisters GetRegisters() => Read<VcpuRegisters>(KVM_GET_REGS, nameof(KVM_GET_REGS));

    /// <summary>Sets the general registers.</summary>
    public void SetRegisters(in VcpuRegisters registers) => Write(KVM_SET_REGS, registers, nameof(KVM_SET_REGS));

    /// <summary>Segments, tables and control registers.</summary>
    public VcpuSpecialRegisters GetSpecialRegisters() => Read<VcpuSpecialRegisters>(KVM_GET_SREGS, nameof(KVM_GET_SREGS));

    /// <summary>Sets segments, tables and control registers. Start from what was read: KVM checks their consistency.</summary>
    public void SetSpecialRegisters(in VcpuSpecialRegisters registers) =>
        Write(KVM_SET_SREGS, registers, nameof(KVM_SET_SREGS));

    /// <summary>x87 and SSE state.</summary>
    public FpuState GetFpu() => Read<FpuState>(KVM_GET_FPU, nameof(KVM_GET_FPU));

    /// <summary>Sets x87 and SSE state.</summary>
    public void SetFpu(in FpuState state) => Write(KVM_SET_FPU, state, nameof(KVM_SET_FPU));

    /// <summary>Debug registers.</summary>
    public DebugRegisters GetDebugRegisters() => Read<DebugRegisters>(KVM_GET_DEBUGREGS, nameof(KVM_GET_DEBUGREGS));

    /// <summary>Sets the debug registers.</summary>
    public void SetDebugRegisters(in DebugRegisters registers) =>
        Write(KVM_SET_DEBUGREGS, registers, nameof(KVM_SET_DEBUGREGS));

    /// <summary>Extended control registers.</summary>
    public ExtendedControlRegisters GetExtendedControlRegisters() =>
        Read<ExtendedControlRegisters>(KVM_GET_XCRS, nameof(KVM_GET_XCRS));

    /// <summary>Sets the extended control registers. After the CPUID leaves.</summary>
    public void SetExtendedControlRegisters(in ExtendedControlRegisters registers) =>
        Write(KVM_SET_XCRS, registers, nameof(KVM_SET_XCRS));

    /// <summary>Exceptions and interrupts that are under way.</summary>
    public VcpuEvents GetEvents() => Read<VcpuEvents>(KVM_GET_VCPU_EVENTS, nameof(KVM_GET_VCPU_EVENTS));

    /// <summary>Sets the exceptions and interrupts that are under way.</summary>
    public void SetEvents(in VcpuEvents events) => Write(KVM_SET_VCPU_EVENTS, events, nameof(KVM_SET_VCPU_EVENTS));

    /// <summary>Registers of the local APIC. Only with in-kernel local APICs.</summary>
    public LocalApicState GetLocalApic() => Read<LocalApicState>(KVM_GET_LAPIC, nameof(KVM_GET_LAPIC));

    /// <summary>Sets the registers of the local APIC.</summary>
    public void SetLocalApic(in LocalApicState state) => Write(KVM_SET_LAPIC, state, nameof(KVM_SET_LAPIC));

    /// <summary>The CPUID leaves the guest sees.</summary>
    public CpuidEntry[] GetCpuid() => KvmSystem.ReadCpuid(_fd, KVM_GET_CPUID2, nameof(KVM_GET_CPUID2));

    /// <summary>Sets the CPUID leaves the guest sees. Before it first runs.</summary>
    /// <exception cref="LinuxException">Too many leaves, or later than KVM allows.</exception>
    public void SetCpuid(ReadOnlySpan<CpuidEntry> entries)
    {
        var list = new FlexibleArray<kvm_cpuid2, CpuidEntry>(new kvm_cpuid2 { nent = (uint)entries.Length }, entries.Length);
        entries.CopyTo(list.Entries);
        Check(Ioctl.TryInvoke(_fd, KVM_SET_CPUID2, ref list.Bytes, out _), nameof(KVM_SET_CPUID2));
    }

    /// <summary>Reads model-specific registers.</summary>
    /// <param name="entries">Indexes to read; values are filled in.</param>
    /// <returns>Entries read, from the start; when fewer than asked, KVM refused <c>entries[count]</c>.</returns>
    public int GetMsrs(Span<MsrEntry> entries) => MsrTransfer.Get(_fd, entries);

    /// <summary>Sets model-specific registers, in order.</summary>
    /// <returns>Entries set, from the start; when fewer than given, KVM refused <c>entries[count]</c> and left that
    /// and the rest alone.</returns>
    public int SetMsrs(ReadOnlySpan<MsrEntry> entries) => MsrTransfer.Set(_fd, entries);

    /// <summary>Extended state as XSAVE stores it; the layout is that of CPUID leaf 0xD on the host.</summary>
    /// <param name="state">At least <see cref="XsaveLength"/> bytes.</param>
    public void GetXsave(Span<byte> state)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(state.Length, _xsaveLength);
        if (_xsaveLength > KvmVm.LegacyXsaveLength)
        {
            Check(Ioctl.TryInvoke(_fd, KVM_GET_XSAVE2, ref state[0], out _), nameof(KVM_GET_XSAVE2));
        }
        else
        {
            Check(Ioctl.TryInvoke(_fd, KVM_GET_XSAVE, ref state[0], out _), nameof(KVM_GET_XSAVE));
        }
    }

    /// <summary>Sets the extended state.</summary>
    /// <param name="state">At least <see cref="XsaveLength"/> bytes, as <see cref="GetXsave"/> gave them.</param>
    public void SetXsave(ReadOnlySpan<byte> state)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(state.Length, _xsaveLength);
        byte[] copy = state.ToArray();
        Check(Ioctl.TryInvoke(_fd, KVM_SET_XSAVE, ref copy[0], out _), nameof(KVM_SET_XSAVE));
    }

    /// <summary>The vCPU's TSC frequency in kHz; 0 where KVM does not know it.</summary>
    public int GetTscKhz() => Ioctl.Invoke(_fd, KVM_GET_TSC_KHZ);

    /// <summary>Sets the vCPU's TSC frequency.</summary>
    /// <exception cref="LinuxException">The host cannot scale its TSC.</exception>
    public void SetTscKhz(int kilohertz) => Ioctl.Invoke(_fd, KVM_SET_TSC_KHZ, kilohertz);

    /// <summary>Tells the guest, through its kvmclock, that it has been paused, so that its watchdogs do not bark.</summary>
    /// <returns>False when the guest has set up no kvmclock.</returns>
    public bool TryMarkPaused()
    {
        try
        {
            Ioctl.Invoke(_fd, KVM_KVMCLOCK_CTRL);
            return true;
        }
        catch (LinuxException refused) when (refused.Errno == Errno.InvalidArgument)
        {
            return false;
        }
    }

    /// <summary>Queues a non-maskable interrupt.</summary>
    public void InjectNmi() => Ioctl.Invoke(_fd, KVM_NMI);

    /// <summary>Asks the guest's page tables where a linear address lies.</summary>
    /// <param name="linearAddress">Address as the guest's code uses it.</param>
    /// <param name="physicalAddress">Guest physical address.</param>
    /// <returns>False when it is not mapped.</returns>
    public bool TryTranslate(ulong linearAddress, out ulong physicalAddress)
    {
        var translation = new kvm_translation { linear_address = linearAddress };
        Ioctl.Invoke(_fd, KVM_TRANSLATE, ref translation);
        physicalAddress = translation.physical_address;
        return translation.valid != 0;
    }

    private static void Check(Errno errno, string name)
    {
        if (errno != Errno.None)
        {
            throw new LinuxException(name, errno);
        }
    }

    private T Read<T>(uint request, string name)
        where T : unmanaged
    {
        T value = default;
        Ioctl.Invoke(_fd, request, ref value, name);
        return value;
    }

    private void Write<T>(uint request, in T value, string name)
        where T : unmanaged
    {
        T copy = value;
        Ioctl.Invoke(_fd, request, ref copy, name);
    }
}
