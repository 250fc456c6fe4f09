using StratoVirt.Kvm.X64;

namespace StratoVirt.Kvm.Tests;

public sealed class StateTests : IDisposable
{
    private const uint MsrTsc = 0x10;
    private const uint MsrSysenterCs = 0x174;
    private const uint MsrStar = 0xc000_0081;
    private const uint MsrThatIsNone = 0x1234_5678;

    private readonly TestGuest _guest = new([0xf4], irqChip: true);

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void RegistersKeepWhatTheyAreGiven()
    {
        VcpuRegisters registers = _guest.Vcpu.GetRegisters() with { Rax = 1, R15 = 0xfedc_ba98_7654_3210, Rip = 0x9000 };
        _guest.Vcpu.SetRegisters(registers);
        Assert.Equal(registers, _guest.Vcpu.GetRegisters());

        VcpuSpecialRegisters special = _guest.Vcpu.GetSpecialRegisters();
        Assert.Equal(0x1000ul, special.Cr3);
        Assert.Equal(1, special.Cs.L);
        special.Gdt = new DescriptorTable { Base = 0x5000, Limit = 0x27 };
        special.Fs.Base = 0x1_2345;
        _guest.Vcpu.SetSpecialRegisters(special);
        special = _guest.Vcpu.GetSpecialRegisters();
        Assert.Equal(new DescriptorTable { Base = 0x5000, Limit = 0x27 }, special.Gdt);
        Assert.Equal(0x1_2345ul, special.Fs.Base);
    }

    [Fact]
    public void FloatingPointStateKeepsWhatItIsGiven()
    {
        FpuState state = _guest.Vcpu.GetFpu();
        state.Fcw = 0x37f;
        state.Mxcsr = 0x1f80;
        state.Xmm[17] = 0xaa;
        _guest.Vcpu.SetFpu(state);
        state = _guest.Vcpu.GetFpu();
        Assert.Equal(0x37f, state.Fcw);
        Assert.Equal(0xaa, state.Xmm[17]);

        byte[] xsave = new byte[_guest.Vcpu.XsaveLength];
        _guest.Vcpu.GetXsave(xsave);
        xsave[512] |= 2; // XSTATE_BV: SSE state is not the initial one
        xsave[160 + 17] = 0xbb; // XMM registers lie at byte 160 of the legacy area
        _guest.Vcpu.SetXsave(xsave);
        Assert.Equal(0xbb, _guest.Vcpu.GetFpu().Xmm[17]);
        Assert.Throws<ArgumentOutOfRangeException>(() => _guest.Vcpu.GetXsave(new byte[4095]));
    }

    [Fact]
    public void DebugAndExtendedControlRegistersKeepWhatTheyAreGiven()
    {
        DebugRegisters debug = _guest.Vcpu.GetDebugRegisters();
        debug.Addresses[2] = 0x7777;
        _guest.Vcpu.SetDebugRegisters(debug);
        Assert.Equal(0x7777ul, _guest.Vcpu.GetDebugRegisters().Addresses[2]);

        ExtendedControlRegisters xcrs = _guest.Vcpu.GetExtendedControlRegisters();
        Assert.Equal(1u, xcrs.Count);
        Assert.Equal(1ul, xcrs.Xcrs[0].Value & 1); // x87 state cannot be switched off
        xcrs.Xcrs[0].Value = 3;
        _guest.Vcpu.SetExtendedControlRegisters(xcrs);
        Assert.Equal(3ul, _guest.Vcpu.GetExtendedControlRegisters().Xcrs[0].Value);
    }

    [Fact]
    public void ProcessorStatesAndEventsKeepWhatTheyAreGiven()
    {
        Assert.Equal(MpState.Runnable, _guest.Vcpu.MpState);
        using KvmVcpu second = _guest.Vm.CreateVcpu(1);
        Assert.Equal(MpState.Uninitialized, second.MpState);
        second.MpState = MpState.Halted;
        Assert.Equal(MpState.Halted, second.MpState);

        VcpuEvents events = _guest.Vcpu.GetEvents();
        Assert.Equal(0, events.ExceptionInjected);
        events.NmiMasked = 1;
        _guest.Vcpu.SetEvents(events);
        Assert.Equal(1, _guest.Vcpu.GetEvents().NmiMasked);
        _guest.Vcpu.InjectNmi();
    }

    [Fact]
    public void CpuidLeavesKeepWhatTheyAreGiven()
    {
        using KvmVcpu second = _guest.Vm.CreateVcpu(1);
        CpuidEntry[] given =
        [
            new() { Function = 0, Eax = 1, Ebx = 0x756e_6547, Edx = 0x4965_6e69, Ecx = 0x6c65_746e },
            new() { Function = 1, Eax = 0x306c3, Edx = 1 },
            new() { Function = 0x4000_0000, Eax = 0x4000_0001, Ebx = 0x4b4d_564b },
        ];
        second.SetCpuid(given);

        // KVM may add leaves of its own, and adjusts those that mirror control registers.
        CpuidEntry[] kept = second.GetCpuid();
        Assert.Equal(given[0], kept[0]);
        Assert.Contains(given[2], kept);
    }

    [Fact]
    public void TheFirstRefusedMsrIsReported()
    {
        Assert.Equal(2, _guest.Vcpu.SetMsrs([new(MsrSysenterCs, 8), new(MsrTsc, 0), new(MsrThatIsNone, 1), new(MsrStar, 1)]));
        MsrEntry[] read = [new(MsrSysenterCs), new(MsrThatIsNone), new(MsrStar)];
        Assert.Equal(1, _guest.Vcpu.GetMsrs(read));
        Assert.Equal(8ul, read[0].Data);
    }

    [Fact]
    public void ManyMsrsGoInBatches()
    {
        MsrEntry[] many = [.. Enumerable.Range(1, 1000).Select(i => new MsrEntry(MsrSysenterCs, (ulong)i))];
        Assert.Equal(1000, _guest.Vcpu.SetMsrs(many));
        Assert.Equal(1000, _guest.Vcpu.GetMsrs(many));
        Assert.All(many, entry => Assert.Equal(1000ul, entry.Data));
        many[700] = new MsrEntry(MsrThatIsNone);
        Assert.Equal(700, _guest.Vcpu.SetMsrs(many));
    }

    [Fact]
    public void TheClockGoesOnFromWhereItIsSet()
    {
        ClockData clock = _guest.Vm.GetClock();
        _guest.Vm.SetClock(new ClockData { Clock = clock.Clock + 1_000_000_000_000 });
        Assert.True(_guest.Vm.GetClock().Clock >= clock.Clock + 1_000_000_000_000);
        Assert.False(_guest.Vcpu.TryMarkPaused()); // no guest has set up a kvmclock
        Assert.True(_guest.Vcpu.GetTscKhz() > 0);
    }

    [Fact]
    public void ChipsKeepWhatTheyAreGiven()
    {
        _guest.Vm.CreatePit2();
        PitState pit = _guest.Vm.GetPit2();
        pit.Channels[2].Mode = 3;
        pit.Channels[2].Count = 0x1234;
        _guest.Vm.SetPit2(pit);
        Assert.Equal(0x1234u, _guest.Vm.GetPit2().Channels[2].Count);

        _guest.Vm.SetPic(IrqChip.PicSlave, _guest.Vm.GetPic(IrqChip.PicSlave) with { IrqBase = 0x28 });
        Assert.Equal(0x28, _guest.Vm.GetPic(IrqChip.PicSlave).IrqBase);
        Assert.Throws<ArgumentOutOfRangeException>(() => _guest.Vm.GetPic(IrqChip.IoApic));

        IoApicState ioApic = _guest.Vm.GetIoApic();
        Assert.Equal(0xfec0_0000ul, ioApic.BaseAddress);
        ioApic.Redirection[23] = 0x1_0030; // masked, vector 0x30
        _guest.Vm.SetIoApic(ioApic);
        Assert.Equal(0x1_0030ul, _guest.Vm.GetIoApic().Redirection[23]);
    }

    [Fact]
    public void AddressesAreTranslatedByTheGuestsTables()
    {
        Assert.True(_guest.Vcpu.TryTranslate(0x20_1234, out ulong physical));
        Assert.Equal(0x20_1234ul, physical);
        Assert.False(_guest.Vcpu.TryTranslate(0x4000_0000, out _)); // the tables end at 1 GiB
    }
}
