using System.Runtime.InteropServices;
using StratoVirt.Kvm.X64;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Kvm.Tests;

/// <summary>A VM with 2 MiB of memory and one vCPU in 64-bit mode, about to run a few bytes of code.</summary>
internal sealed class TestGuest : IDisposable
{
    /// <summary>Guest physical address that is mapped by the page tables and is no memory.</summary>
    internal const uint MmioAddress = 0x1000_0000;

    /// <summary>Where the code lies.</summary>
    internal const uint CodeAddress = 0x8000;

    private const uint MemorySize = 2 * 1024 * 1024;
    private const ulong TopTable = 0x1000;
    private const ulong PointerTable = 0x2000;
    private const ulong Directory = 0x3000;
    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const ulong LargePage = 1 << 7;

    private readonly MemoryMapping _memory;

    internal TestGuest(byte[] code, bool irqChip = false, MemorySlotFlags flags = MemorySlotFlags.None)
    {
        System = OpenOrSkip();
        Vm = System.CreateVm();
        Vm.SetTssAddress(0xfffb_d000);
        if (irqChip)
        {
            Vm.CreateIrqChip();
        }

        _memory = MemoryMapping.CreateAnonymous(MemorySize);
        Vm.SetUserMemoryRegion(0, flags, 0, MemorySize, _memory.Address);
        Poke(TopTable, PointerTable | Present | Writable);
        Poke(PointerTable, Directory | Present | Writable);
        for (uint i = 0; i < 512; i++)
        {
            Poke(Directory + (i * 8), ((ulong)i << 21) | Present | Writable | LargePage);
        }

        Marshal.Copy(code, 0, _memory.Address + (nint)CodeAddress, code.Length);
        Vcpu = Vm.CreateVcpu(0);
        Vcpu.SetCpuid(System.GetSupportedCpuid());
        EnterLongMode();
    }

    internal KvmSystem System { get; }

    internal KvmVm Vm { get; }

    internal KvmVcpu Vcpu { get; }

    internal static KvmSystem OpenOrSkip()
    {
        try
        {
            return KvmSystem.Open();
        }
        catch (LinuxException refused)
        {
            Assert.Skip($"no usable KVM: {refused.Message}");
            throw;
        }
    }

    /// <summary>Runs until something other than a signal, for tests whose vCPU nobody kicks.</summary>
    internal VcpuExit Run()
    {
        VcpuExit exit;
        do
        {
            exit = Vcpu.Run();
        }
        while (exit.Kind == VcpuExitKind.Interrupted);
        return exit;
    }

    public void Dispose()
    {
        Vcpu.Dispose();
        Vm.Dispose();
        System.Dispose();
        _memory.Dispose();
    }

    private void Poke(ulong address, ulong value) => Marshal.WriteInt64(_memory.Address, (int)address, (long)value);

    private void EnterLongMode()
    {
        var data = new Segment { Limit = 0xffff_ffff, Selector = 16, Type = 3, Present = 1, S = 1, Db = 1, G = 1 };
        VcpuSpecialRegisters special = Vcpu.GetSpecialRegisters();
        special.Cs = new Segment { Limit = 0xffff_ffff, Selector = 8, Type = 11, Present = 1, S = 1, L = 1, G = 1 };
        special.Ds = special.Es = special.Fs = special.Gs = special.Ss = data;
        special.Cr0 = 0x8000_0031; // PG, NE, ET, PE
        special.Cr3 = TopTable;
        special.Cr4 = 0x20; // PAE
        special.Efer = 0x500; // LMA, LME
        special.Idt.Limit = 0;
        Vcpu.SetSpecialRegisters(special);
        Vcpu.SetRegisters(new VcpuRegisters { Rip = CodeAddress, Rsp = 0x10_0000, Rflags = 2 });
    }
}
