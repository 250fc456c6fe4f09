using StratoVirt.Kvm.Abi;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using static StratoVirt.Kvm.Abi.KvmExitReason;

namespace StratoVirt.Kvm;

/// <summary>
/// Why a vCPU left the guest. A view of the page it shares with KVM, without a copy: valid until the vCPU's next
/// <see cref="KvmVcpu.Run"/>. Each accessor belongs to one <see cref="Kind"/> and refuses every other.
/// </summary>
public readonly unsafe ref struct VcpuExit
{
    // SAFETY of every dereference in this type: the pointer is a vCPU's mapping of at least sizeof(kvm_run) bytes, and
    // _length its length; the exit does not outlive the call of Run it came from. The one offset in it that is a
    // variable, io.data_offset, is checked against _length.
    private readonly kvm_run* _run;
    private readonly uint _length;

    internal VcpuExit(MemoryMapping run, Errno errno)
    {
        _run = (kvm_run*)run.Address;
        _length = (uint)run.Length;
        Errno = errno;
        Kind = errno switch
        {
            Errno.None => KindOf(_run->exit_reason),
            Errno.Interrupted => VcpuExitKind.Interrupted,
            Errno.Again => VcpuExitKind.Again,
            _ => VcpuExitKind.Error,
        };
    }

    /// <summary>What it is.</summary>
    public VcpuExitKind Kind { get; }

    /// <summary>The error number of KVM_RUN; none where the guest itself was the reason.</summary>
    public Errno Errno { get; }

    /// <summary>KVM's exit reason number (KVM_EXIT_*).</summary>
    public uint Reason => _run->exit_reason;

    /// <summary>For <see cref="VcpuExitKind.Unknown"/> with reason 0: the processor's own exit code.</summary>
    public ulong HardwareReason
    {
        get
        {
            Require(VcpuExitKind.Unknown);
            return _run->Hw.hardware_exit_reason;
        }
    }

    /// <summary>The port access.</summary>
    public PioExit Pio
    {
        get
        {
            Require(VcpuExitKind.Pio);
            kvm_run.io io = _run->Io;
            ulong bytes = (ulong)io.size * io.count;
            if (io.size is not (1 or 2 or 4) || io.data_offset > _length || bytes > _length - io.data_offset)
            {
                throw new InvalidOperationException(
                    $"KVM reports {io.count} port accesses of {io.size} bytes at offset {io.data_offset}, outside the vCPU's region of {_length} bytes.");
            }

            var data = new Span<byte>((byte*)_run + io.data_offset, (int)bytes);
            return new PioExit(io.direction == KvmConstants.KVM_EXIT_IO_OUT, io.port, io.size, (int)io.count, data);
        }
    }

    /// <summary>The access to an address that is no memory.</summary>
    public MmioExit Mmio
    {
        get
        {
            Require(VcpuExitKind.Mmio);
            kvm_run.mmio* mmio = &_run->Mmio;
            uint length = mmio->len;
            if (length is 0 or > sizeof(ulong))
            {
                throw new InvalidOperationException($"KVM reports a memory access of {length} bytes; it can be 1 to 8.");
            }

            return new MmioExit(mmio->is_write != 0, mmio->phys_addr, new Span<byte>(&mmio->data, (int)length));
        }
    }

    /// <summary>What the guest asked for.</summary>
    public SystemEventExit SystemEvent
    {
        get
        {
            Require(VcpuExitKind.SystemEvent);
            kvm_run.system_event* value = &_run->SystemEvent;
            return new SystemEventExit((SystemEventType)value->type, Words(&value->data, value->ndata));
        }
    }

    /// <summary>Why the guest could not be entered.</summary>
    public FailEntryExit FailEntry
    {
        get
        {
            Require(VcpuExitKind.FailEntry);
            return new FailEntryExit(_run->FailEntry.hardware_entry_failure_reason, _run->FailEntry.cpu);
        }
    }

    /// <summary>Why KVM cannot go on.</summary>
    public InternalErrorExit InternalError
    {
        get
        {
            Require(VcpuExitKind.InternalError);
            kvm_run.@internal* value = &_run->Internal;
            return new InternalErrorExit((InternalErrorCause)value->suberror, Words(&value->data, value->ndata), Instruction());
        }
    }

    /// <summary>The hypercall.</summary>
    public HypercallExit Hypercall
    {
        get
        {
            Require(VcpuExitKind.Hypercall);
            kvm_run.hypercall* value = &_run->Hypercall;
            return new HypercallExit(
                value->nr, new ReadOnlySpan<ulong>(&value->args, 6), value->longmode != 0, ref value->ret);
        }
    }

    /// <summary>The breakpoint or step.</summary>
    public DebugExit Debug
    {
        get
        {
            Require(VcpuExitKind.Debug);
            kvm_run.debug value = _run->Debug;
            return new DebugExit(value.exception, value.pc, value.dr6, value.dr7);
        }
    }

    /// <summary>The MSR access.</summary>
    public MsrExit Msr
    {
        get
        {
            if (Kind is not (VcpuExitKind.MsrRead or VcpuExitKind.MsrWrite))
            {
                Require(VcpuExitKind.MsrRead);
            }

            return new MsrExit(_run->Msr.index, _run->Msr.reason, ref _run->Msr.data, ref _run->Msr.error);
        }
    }

    /// <summary>Vector whose interrupt the guest has ended.</summary>
    public byte IoApicEoiVector
    {
        get
        {
            Require(VcpuExitKind.IoApicEoi);
            return _run->Eoi.vector;
        }
    }

    private static VcpuExitKind KindOf(uint reason) => reason switch
    {
        KVM_EXIT_IO => VcpuExitKind.Pio,
        KVM_EXIT_MMIO => VcpuExitKind.Mmio,
        KVM_EXIT_HLT => VcpuExitKind.Halt,
        KVM_EXIT_SHUTDOWN => VcpuExitKind.Shutdown,
        KVM_EXIT_SYSTEM_EVENT => VcpuExitKind.SystemEvent,
        KVM_EXIT_FAIL_ENTRY => VcpuExitKind.FailEntry,
        KVM_EXIT_INTERNAL_ERROR => VcpuExitKind.InternalError,
        KVM_EXIT_INTR => VcpuExitKind.Interrupted,
        KVM_EXIT_IRQ_WINDOW_OPEN => VcpuExitKind.IrqWindowOpen,
        KVM_EXIT_IOAPIC_EOI => VcpuExitKind.IoApicEoi,
        KVM_EXIT_HYPERCALL => VcpuExitKind.Hypercall,
        KVM_EXIT_DEBUG => VcpuExitKind.Debug,
        KVM_EXIT_X86_RDMSR => VcpuExitKind.MsrRead,
        KVM_EXIT_X86_WRMSR => VcpuExitKind.MsrWrite,
        KVM_EXIT_EXCEPTION => VcpuExitKind.Exception,
        _ => VcpuExitKind.Unknown,
    };

    private static ReadOnlySpan<ulong> Words(words16* data, uint count) =>
        new(data, (int)Math.Min(count, 16));

    private ReadOnlySpan<byte> Instruction()
    {
        kvm_run.emulation_failure* failure = &_run->EmulationFailure;
        const ulong Has = KvmConstants.KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
        if (failure->suberror != (uint)InternalErrorCause.Emulation || failure->ndata < 3 || (failure->flags & Has) == 0)
        {
            return default;
        }

        return new ReadOnlySpan<byte>(&failure->insn_bytes, Math.Min(failure->insn_size, (byte)15));
    }

    private void Require(VcpuExitKind kind)
    {
        if (Kind != kind)
        {
            throw new InvalidOperationException($"This exit is {Kind}, not {kind}.");
        }
    }
}
