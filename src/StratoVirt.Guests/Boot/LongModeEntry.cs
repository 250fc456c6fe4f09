using Iced.Intel;
using StratoVirt.Guests.Image;
using static Iced.Intel.AssemblerRegisters;

namespace StratoVirt.Guests.Boot;

/// <summary>
/// The two ways into a 64-bit guest. Both end with the guest's own tables, flat segments, an empty stack, interrupts
/// off and the address of what the loader left in <c>rbx</c>.
/// </summary>
internal sealed class LongModeEntry
{
    private const uint Cr0Protected = 1 << 0;
    private const uint Cr0Paging = 1U << 31;
    private const uint Cr4PhysicalAddressExtension = 1 << 5;
    private const uint EferMsr = 0xC000_0080;
    private const uint EferLongMode = 1 << 8;

    private readonly Assembler _assembler;
    private Label _linuxEntry;

    /// <summary>Prepares the entry of a guest.</summary>
    /// <param name="assembler">The 64-bit assembler the guest is written with.</param>
    public LongModeEntry(Assembler assembler)
    {
        _assembler = assembler;
        _linuxEntry = assembler.CreateLabel();
    }

    /// <summary>
    /// The PVH entry (Xen's x86/HVM direct boot ABI): 32-bit protected mode, flat segments, paging off,
    /// <c>ebx</c> = hvm_start_info.
    /// </summary>
    public static byte[] EncodeProtectedMode()
    {
        var c = new Assembler(32);
        c.cli();
        c.lgdt(__[GuestLayout.GdtPointer]);
        c.mov(eax, (uint)GuestLayout.PageTables);
        c.mov(cr3, eax);
        c.mov(eax, Cr4PhysicalAddressExtension);
        c.mov(cr4, eax);
        c.mov(ecx, EferMsr);
        c.rdmsr();
        c.or(eax, EferLongMode);
        c.wrmsr();
        c.mov(eax, cr0);
        c.or(eax, Cr0Paging | Cr0Protected);
        c.mov(cr0, eax);
        c.AddInstruction(Instruction.CreateBranch(
            Code.Jmp_ptr1632, GuestLayout.CodeSelector, (uint)GuestLayout.LongModeCode));
        byte[] code = EncodedCode.Of(c, GuestLayout.Text).Bytes;
        return (ulong)code.Length <= GuestLayout.LongModeCode - GuestLayout.Text
            ? code
            : throw new InvalidOperationException("The 32-bit entry does not fit before the 64-bit code.");
    }

    /// <summary>
    /// Emits the first 64-bit instructions. They must be the first of the assembler: the 32-bit entry jumps there.
    /// </summary>
    /// <param name="fromPvh">Where to go with <c>rbx</c> = hvm_start_info.</param>
    /// <param name="fromLinux">Where to go with <c>rbx</c> = boot_params (the zero page).</param>
    public void Emit(Label fromPvh, Label fromLinux)
    {
        Assembler c = _assembler;
        LoadSegments(c);
        c.mov(ebx, ebx);
        c.jmp(fromPvh);

        // Linux's 64-bit boot protocol: long mode, one-to-one page tables of the loader's, rsi = boot_params.
        c.Label(ref _linuxEntry);
        c.cli();
        c.mov(rbx, rsi);
        c.lgdt(__[GuestLayout.GdtPointer]);
        c.mov(eax, (uint)GuestLayout.PageTables);
        c.mov(cr3, rax);
        Label flat = c.CreateLabel();
        c.mov(esp, (uint)GuestLayout.StackTop);
        c.push(GuestLayout.CodeSelector);
        c.lea(rax, __[flat]);
        c.push(rax);
        c.AddInstruction(Instruction.Create(Code.Retfq));
        c.Label(ref flat);
        LoadSegments(c);
        c.jmp(fromLinux);
    }

    /// <summary>The address of the 64-bit entry.</summary>
    public ulong LinuxEntryIn(EncodedCode code) => code.AddressOf(_linuxEntry);

    private static void LoadSegments(Assembler c)
    {
        c.mov(eax, GuestLayout.DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.mov(esp, (uint)GuestLayout.StackTop);
    }
}
