using StratoVirt.Kvm.X64;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Kvm.Tests;

public sealed class InterruptTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void AGuestWriteSignalsItsEventFd()
    {
        using var guest = new TestGuest(
        [
            0xc7, 0x04, 0x25, 0x00, 0x00, 0x00, 0x10, 0x03, 0x00, 0x00, 0x00, // mov dword [0x10000000], 3: no match
            0xc7, 0x04, 0x25, 0x00, 0x00, 0x00, 0x10, 0x07, 0x00, 0x00, 0x00, // mov dword [0x10000000], 7: match
            0x66, 0xba, 0x00, 0x06,                                           // mov dx, 0x600
            0xee, 0xef,                                                       // out dx, al; out dx, eax: any length
            0xf4,                                                             // hlt
        ]);
        using EventFd memory = EventFd.Create();
        using EventFd port = EventFd.Create();
        guest.Vm.AssignIoEventFd(memory, IoEventSpace.Mmio, TestGuest.MmioAddress, 4, dataMatch: 7);
        guest.Vm.AssignIoEventFd(port, IoEventSpace.Pio, 0x600);

        VcpuExit exit = guest.Run();
        Assert.Equal(VcpuExitKind.Mmio, exit.Kind);
        Assert.Equal(3, exit.Mmio.Data[0]);
        Assert.Equal(0ul, memory.Drain());
        Assert.Equal(VcpuExitKind.Halt, guest.Run().Kind);
        Assert.Equal(1ul, memory.Drain());
        Assert.Equal(2ul, port.Drain());
    }

    [Fact]
    public void ADeassignedIoEventIsAnExitAgain()
    {
        using var guest = new TestGuest([0x66, 0xba, 0x00, 0x06, 0xee, 0xf4]); // mov dx, 0x600; out dx, al; hlt
        using EventFd notify = EventFd.Create();
        guest.Vm.AssignIoEventFd(notify, IoEventSpace.Pio, 0x600, 1);
        guest.Vm.DeassignIoEventFd(notify, IoEventSpace.Pio, 0x600, 1);
        Assert.Equal(VcpuExitKind.Pio, guest.Run().Kind);
        Assert.Equal(0ul, notify.Drain());

        LinuxException refused =
            Assert.Throws<LinuxException>(() => guest.Vm.DeassignIoEventFd(notify, IoEventSpace.Pio, 0x600, 1));
        Assert.Equal("KVM_IOEVENTFD", refused.Operation);
        Assert.Equal(Errno.NoEntry, refused.Errno);
    }

    [Fact]
    public void AnEventFdRaisesAnEdge()
    {
        using var guest = new TestGuest([0xf4], irqChip: true);
        using EventFd trigger = EventFd.Create();
        guest.Vm.AssignIrqFd(trigger, 5);
        Assert.Equal(0, guest.Vm.GetPic(IrqChip.PicMaster).Irr & (1 << 5));
        trigger.Signal();
        Assert.True(SpinWait.SpinUntil(() => (guest.Vm.GetPic(IrqChip.PicMaster).Irr & (1 << 5)) != 0, Patience));

        guest.Vm.DeassignIrqFd(trigger, 5);
        guest.Vm.SetPic(IrqChip.PicMaster, default);
        trigger.Signal();
        Assert.Equal(0, guest.Vm.GetPic(IrqChip.PicMaster).Irr & (1 << 5));
    }

    [Fact]
    public void AResampledEventFdHoldsTheLine()
    {
        using var guest = new TestGuest([0xf4], irqChip: true);
        using EventFd trigger = EventFd.Create();
        using EventFd resample = EventFd.Create();
        guest.Vm.AssignIrqFd(trigger, 9, resample);
        trigger.Signal();
        Assert.True(SpinWait.SpinUntil(() => (guest.Vm.GetIoApic().Irr & (1u << 9)) != 0, Patience));
        Assert.Equal(0ul, resample.Drain());

        LinuxException refused = Assert.Throws<LinuxException>(() => guest.Vm.AssignIrqFd(trigger, 10));
        Assert.Equal("KVM_IRQFD", refused.Operation);
        Assert.Equal(Errno.Busy, refused.Errno);
        guest.Vm.DeassignIrqFd(trigger, 9);
        Assert.Equal(0u, guest.Vm.GetIoApic().Irr & (1u << 9));
    }

    [Fact]
    public void ALineFollowsItsLevel()
    {
        using var guest = new TestGuest([0xf4], irqChip: true);
        guest.Vm.SetIrqLine(9, true);
        Assert.NotEqual(0u, guest.Vm.GetIoApic().Irr & (1u << 9));
        guest.Vm.SetIrqLine(9, false);
        Assert.Equal(0u, guest.Vm.GetIoApic().Irr & (1u << 9));
    }

    [Fact]
    public void RoutesDecideWhereAnInterruptGoes()
    {
        using var guest = new TestGuest([0xf4], irqChip: true);
        guest.Vm.SetGsiRouting(
        [
            GsiRoute.ToPin(40, (uint)IrqChip.IoApic, 11),
            GsiRoute.ToMessage(41, 0xfee0_0000, 0x30),
        ]);
        guest.Vm.SetIrqLine(40, true);
        Assert.Equal(1u << 11, guest.Vm.GetIoApic().Irr & (1u << 11));

        Assert.Throws<LinuxException>(() => guest.Vm.SetGsiRouting([GsiRoute.ToPin(1, (uint)IrqChip.IoApic, 99)]));
    }

    [Fact]
    public void AMessageReachesTheLocalApic()
    {
        using var guest = new TestGuest([0xf4], irqChip: true);
        LocalApicState apic = guest.Vcpu.GetLocalApic();
        apic[0xf0] |= 0x100; // spurious vector register: software enable
        guest.Vcpu.SetLocalApic(apic);
        Assert.True(guest.Vm.SignalMsi(0xfee0_0000, 0x51));

        // Interrupt request register: one bit a vector, 32 to a register of 16 bytes.
        uint request = guest.Vcpu.GetLocalApic()[0x200 + (0x51 / 32 * 16)];
        Assert.Equal(1u << (0x51 % 32), request);
    }
}
