using StratoVirt.Backends.Char;
using StratoVirt.Guests;
using StratoVirt.Kvm;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Building;
using StratoVirt.Machine.Vcpu;
using StratoVirt.Machine.Vcpu.X64;
using StratoVirt.Memory;
using StratoVirt.Testing;

namespace StratoVirt.Machine.Tests.Native;

/// <summary>A vCPU's exits, handled on this thread by the engine's own dispatcher and devices.</summary>
public sealed class ExitAllocationTests
{
    private const uint Exits = 2000;

    [KvmFact]
    public void A_handled_exit_allocates_nothing()
    {
        Assert.All(
            [PlatformPorts.Com1, PlatformPorts.Rtc, PlatformPorts.I8042Data, PlatformPorts.SleepStatus, (ushort)0x80],
            port => Assert.Equal(0, AllocatedBy(port)));
    }

    private static long AllocatedBy(ushort port)
    {
        var machine = new RecordingMachineControl();
        using GuestMemory memory = GuestMemory.CreateAnonymous(BootLoader.MemoryLayout(32 << 20));
        using var devices = new MicroVmDevices(new ConsoleBuffer(64 << 10), machine, acpi: true);
        using var plan = new BootPlan
        {
            Kernel = KernelImage.Recognise(BootFile.FromMemory("exits", ExitsGuest.Assemble(Exits, GuestRing.User, port))),
            Cpus = 1,
        };
        using KvmSystem kvm = KvmSystem.Open();
        using KvmVm vm = kvm.CreateVm();
        vm.CreateIrqChip();
        uint slot = 0;
        foreach (GuestMemoryRegion region in memory.Regions)
        {
            vm.SetUserMemoryRegion(slot++, MemorySlotFlags.None, region.Range.Start.Value, region.Range.Length, region.HostAddress);
        }

        using KvmVcpu vcpu = vm.CreateVcpu(0);
        vcpu.SetCpuid(CpuidBuilder.Build(kvm.GetSupportedCpuid(), 0, 1, 0, deadlineTimer: false));
        BootRegisters.Apply(vcpu, BootLoader.Load(plan, memory));
        var dispatcher = new ExitDispatcher(devices.Pio, devices.Mmio, memory, _ => { });

        // Half the exits settle the runtime (tiered code, first-use caches); the other half are counted.
        Run(vcpu, dispatcher, Exits / 2);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(vcpu, dispatcher, Exits / 2);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(dispatcher.Metrics.Pio >= Exits);
        return allocated;
    }

    private static void Run(KvmVcpu vcpu, ExitDispatcher dispatcher, uint exits)
    {
        for (uint i = 0; i < exits; i++)
        {
            Assert.True(dispatcher.Handle(vcpu.Run()));
        }
    }
}
