using StratoVirt.Linux;

namespace StratoVirt.Kvm.Tests;

public sealed class VmTests
{
    [Fact]
    public void AMissingDeviceIsNamed()
    {
        LinuxException refused = Assert.Throws<LinuxException>(() => KvmSystem.Open("/nonexistent/kvm"));
        Assert.Equal(Errno.NoEntry, refused.Errno);
        Assert.Contains("/nonexistent/kvm", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADeviceThatIsNotKvmIsFoundOut()
    {
        using KvmSystem notKvm = KvmSystem.Open("/dev/null");
        LinuxException refused = Assert.Throws<LinuxException>(() => notKvm.ApiVersion);
        Assert.Equal("KVM_GET_API_VERSION", refused.Operation);
        Assert.Equal(Errno.NotTerminal, refused.Errno);
    }

    [Fact]
    public void TheSystemAnswers()
    {
        using KvmSystem system = TestGuest.OpenOrSkip();
        Assert.Equal(KvmSystem.StableApiVersion, system.ApiVersion);
        Assert.True(system.VcpuMapSize >= Environment.SystemPageSize);
        Assert.NotEqual(0, system.CheckExtension(KvmCapability.UserMemory));
        Assert.NotEqual(0, system.CheckExtension(KvmCapability.ImmediateExit));
        Assert.Contains(system.GetSupportedCpuid(), entry => entry.Function == 0);
        Assert.NotEmpty(system.GetMsrIndexes());
    }

    [Fact]
    public void AnErrorNamesTheIoctl()
    {
        using KvmSystem system = TestGuest.OpenOrSkip();
        using KvmVm vm = system.CreateVm();
        using KvmVcpu vcpu = vm.CreateVcpu(0);

        LinuxException refused = Assert.Throws<LinuxException>(() => vm.CreateVcpu(0));
        Assert.Equal("KVM_CREATE_VCPU", refused.Operation);
        Assert.Equal(Errno.Exists, refused.Errno);

        refused = Assert.Throws<LinuxException>(() => vm.SetUserMemoryRegion(0, MemorySlotFlags.None, 1, 4096, 4096));
        Assert.Equal("KVM_SET_USER_MEMORY_REGION", refused.Operation);
        Assert.Equal(Errno.InvalidArgument, refused.Errno);

        refused = Assert.Throws<LinuxException>(() => vm.EnableCapability((KvmCapability)int.MaxValue));
        Assert.Equal("KVM_ENABLE_CAP", refused.Operation);
    }

    [Fact]
    public void TheDirtyLogShowsWhatTheGuestWrote()
    {
        using var guest = new TestGuest(
        [
            0xc6, 0x04, 0x25, 0x00, 0x00, 0x05, 0x00, 0x01, // mov byte [0x50000], 1
            0xf4,                                           // hlt
        ],
            flags: MemorySlotFlags.LogDirtyPages);
        ulong[] bitmap = new ulong[8]; // 512 pages
        guest.Vm.GetDirtyLog(0, bitmap);
        guest.Vm.GetDirtyLog(0, bitmap);
        Assert.Equal(0ul, bitmap[1]);
        Assert.Equal(VcpuExitKind.Halt, guest.Run().Kind);
        guest.Vm.GetDirtyLog(0, bitmap);
        Assert.NotEqual(0ul, bitmap[0x50 / 64] & (1ul << (0x50 % 64)));
    }

    [Fact]
    public void ADirtyLogThatDoesNotFitIsRefused()
    {
        using var guest = new TestGuest([0xf4], flags: MemorySlotFlags.LogDirtyPages);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => guest.Vm.GetDirtyLog(0, new ulong[7]));
        Assert.Contains("8 words", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASplitInterruptControllerCanBeChosen()
    {
        using KvmSystem system = TestGuest.OpenOrSkip();
        Assert.SkipWhen(system.CheckExtension(KvmCapability.SplitIrqChip) == 0, "this KVM has no split irqchip");
        using KvmVm vm = system.CreateVm();
        vm.EnableCapability(KvmCapability.SplitIrqChip, 24);
        using KvmVcpu vcpu = vm.CreateVcpu(0);
        Assert.NotEqual(0u, vcpu.GetLocalApic()[0x30]); // version register
    }
}
