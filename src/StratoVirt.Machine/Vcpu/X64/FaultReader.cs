using System.Collections.Immutable;
using StratoVirt.Kvm;
using StratoVirt.Kvm.X64;
using StratoVirt.Linux;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Vcpu.X64;

/// <summary>Turns an exit that a vCPU cannot go on from into something an operator can read.</summary>
internal static class FaultReader
{
    // Longest x86 instruction (Intel SDM vol. 2, 2.3.11).
    private const int MaxInstruction = 15;

    /// <summary>Reads the fault. Called on the vCPU's own thread, right after the exit.</summary>
    public static VcpuFault Read(KvmVcpu vcpu, in VcpuExit exit, GuestMemory memory)
    {
        (string reason, string hint) = Describe(exit);
        VcpuRegisters general = vcpu.GetRegisters();
        VcpuSpecialRegisters special = vcpu.GetSpecialRegisters();

        // Where the host has no page for the guest it has none for us: the instruction may lie there.
        bool isLostPage = exit is { Kind: VcpuExitKind.Error, Errno: Errno.Fault };
        ImmutableArray<byte> instruction = isLostPage ? [] : InstructionAt(vcpu, special.Cs.Base + general.Rip, memory);
        return new VcpuFault((int)vcpu.Id, reason, exit.Reason, Registers(general, special), instruction, hint) { IsLostPage = isLostPage };
    }

    private static (string Reason, string Hint) Describe(in VcpuExit exit)
    {
        switch (exit.Kind)
        {
            case VcpuExitKind.Shutdown:
                return ("triple fault",
                    "The guest met an exception while it had no working handler for exceptions. With a kernel that has just been entered, the kernel does not suit this machine; later, the guest crashed or asked for a reset this way (reboot=t). On AMD hosts the registers shown are those after INIT.");
            case VcpuExitKind.InternalError:
                return ($"KVM internal error: {Describe(exit.InternalError.Cause)}",
                    exit.InternalError.Cause == InternalErrorCause.Emulation
                        ? "KVM had to interpret an instruction that it cannot. On a KVM without hardware support (kvm_pvm) this is how an unmodified kernel ends: use a host with VT-x or AMD-V."
                        : "The host's KVM could not go on. Its kernel log (dmesg) may say more.");
            case VcpuExitKind.FailEntry:
                return ($"entry failure 0x{exit.FailEntry.HardwareReason:x}",
                    "The processor refused the guest state. This is a fault of the engine or of the host's KVM, not of the guest: please report it with these registers.");
            case VcpuExitKind.Error when exit.Errno == Errno.Fault:
                return ("the host has no page for memory that the guest uses",
                    "The file system behind a file of guest memory, or the host's memory, is full or failing. The host's kernel log (dmesg) may say more.");
            case VcpuExitKind.Error:
                return ($"KVM_RUN failed: errno {(int)exit.Errno}",
                    "The kernel refused to run the vCPU. Its kernel log (dmesg) may say more.");
            default:
                return ($"unexpected exit {exit.Reason}", "The engine does not know this exit. Please report it with these registers.");
        }
    }

    private static string Describe(InternalErrorCause cause) => cause switch
    {
        InternalErrorCause.Emulation => "emulation failure",
        InternalErrorCause.SimultaneousException => "simultaneous exceptions",
        InternalErrorCause.DeliveryEvent => "exception while delivering an event",
        InternalErrorCause.UnexpectedExitReason => "unexpected exit reason",
        _ => $"code {(uint)cause}",
    };

    private static ImmutableArray<KeyValuePair<string, ulong>> Registers(in VcpuRegisters g, in VcpuSpecialRegisters s) =>
    [
        new("rip", g.Rip), new("rflags", g.Rflags), new("rsp", g.Rsp), new("rbp", g.Rbp),
        new("rax", g.Rax), new("rbx", g.Rbx), new("rcx", g.Rcx), new("rdx", g.Rdx),
        new("rsi", g.Rsi), new("rdi", g.Rdi), new("r8", g.R8), new("r9", g.R9),
        new("r10", g.R10), new("r11", g.R11), new("r12", g.R12), new("r13", g.R13),
        new("r14", g.R14), new("r15", g.R15),
        new("cr0", s.Cr0), new("cr2", s.Cr2), new("cr3", s.Cr3), new("cr4", s.Cr4), new("efer", s.Efer),
        new("cs", s.Cs.Selector), new("ss", s.Ss.Selector), new("ds", s.Ds.Selector), new("es", s.Es.Selector),
        new("gdt", s.Gdt.Base), new("idt", s.Idt.Base),
    ];

    private static ImmutableArray<byte> InstructionAt(KvmVcpu vcpu, ulong linear, GuestMemory memory)
    {
        Span<byte> bytes = stackalloc byte[MaxInstruction];
        int read = 0;
        while (read < bytes.Length
            && vcpu.TryTranslate(unchecked(linear + (ulong)read), out ulong address)
            && memory.TryRead(new GuestAddress(address), bytes.Slice(read, 1)))
        {
            read++;
        }

        return [.. bytes[..read]];
    }
}
