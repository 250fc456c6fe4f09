using StratoVirt.Kvm.X64;
using StratoVirt.Machine.Vcpu.X64;

namespace StratoVirt.Machine.Tests.Vcpu;

public sealed class CpuidBuilderTests
{
    private static readonly CpuidEntry[] Host =
    [
        new() { Function = 0, Eax = 0x1F },
        new() { Function = 1, Ebx = 0x0308_0855, Ecx = (1 << 5) | 1, Edx = 0x0FFF_FFFF },
        new() { Function = 4, Index = 0, Flags = 1, Eax = 0x1C00_4121 },
        new() { Function = 4, Index = 3, Flags = 1, Eax = 0x1C03_C163 },
        new() { Function = 0xA, Eax = 0x0730_0404 },
        new() { Function = 0xB, Index = 0, Flags = 1, Eax = 7, Edx = 99 },
        new() { Function = 0x1F, Index = 0, Flags = 1, Eax = 7, Edx = 99 },
        new() { Function = 0x4000_0000, Ebx = 0x4B4D_564B, Ecx = 0x564B_4D56, Edx = 0x4D },
        new() { Function = 0x4000_0001, Eax = 0x0100_7AFB },
        new() { Function = 0x8000_0001, Ecx = 1 << 2 },
        new() { Function = 0x8000_0008, Eax = 0x3030, Ecx = 0x701F },
        new() { Function = 0x8000_001E, Eax = 99, Ebx = 99, Ecx = 99 },
    ];

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 3, 2)]
    [InlineData(3, 4, 2)]
    [InlineData(253, 254, 8)]
    public void Every_vcpu_is_one_core_of_one_package(int apicId, int cpus, uint bits)
    {
        CpuidEntry[] guest = CpuidBuilder.Build(Host, apicId, cpus, 2_500_000, deadlineTimer: true);

        CpuidEntry basic = Leaf(guest, 1);
        Assert.Equal((uint)apicId, basic.Ebx >> 24);
        Assert.Equal((uint)cpus, (basic.Ebx >> 16) & 0xFF);
        Assert.Equal(cpus > 1, (basic.Edx & (1 << 28)) != 0);
        Assert.Equal(1u, Leaf(guest, 0xB, 0).Ebx);
        Assert.Equal((uint)cpus, Leaf(guest, 0xB, 1).Ebx);
        Assert.Equal(bits, Leaf(guest, 0xB, 1).Eax);
        Assert.All([0u, 1u, 2u], index => Assert.Equal((uint)apicId, Leaf(guest, 0xB, index).Edx));
        Assert.Equal((uint)cpus - 1, Leaf(guest, 0x8000_0008).Ecx & 0xFF);
        Assert.Equal((uint)apicId, Leaf(guest, 0x8000_001E).Eax);
        Assert.DoesNotContain(guest, entry => entry.Function == 0x1F);
    }

    [Fact]
    public void Private_caches_belong_to_a_core_and_the_last_level_to_the_package()
    {
        CpuidEntry[] guest = CpuidBuilder.Build(Host, 0, 4, 0, deadlineTimer: false);
        Assert.Equal(0u, (Leaf(guest, 4, 0).Eax >> 14) & 0xFFF);
        Assert.Equal(3u, (Leaf(guest, 4, 3).Eax >> 14) & 0xFFF);
        Assert.Equal(3u, Leaf(guest, 4, 0).Eax >> 26);
    }

    [Fact]
    public void Hypervisor_leaves_name_kvm_and_the_clock()
    {
        CpuidEntry[] guest = CpuidBuilder.Build(Host, 0, 1, 2_500_000, deadlineTimer: true);
        Assert.NotEqual(0u, Leaf(guest, 1).Ecx & (1u << 31));
        Assert.NotEqual(0u, Leaf(guest, 1).Ecx & (1u << 24));
        Assert.Equal(0x4000_0010u, Leaf(guest, 0x4000_0000).Eax);
        Assert.Equal(0x4B4D_564Bu, Leaf(guest, 0x4000_0000).Ebx);
        Assert.Equal(2_500_000u, Leaf(guest, 0x4000_0010).Eax);
        Assert.Equal(1_000_000u, Leaf(guest, 0x4000_0010).Ebx);
    }

    [Fact]
    public void Without_a_known_frequency_the_timing_leaf_is_left_out()
    {
        CpuidEntry[] guest = CpuidBuilder.Build(Host, 0, 1, 0, deadlineTimer: false);
        Assert.DoesNotContain(guest, entry => entry.Function == 0x4000_0010);
        Assert.Equal(0x4000_0001u, Leaf(guest, 0x4000_0000).Eax);
        Assert.Equal(0u, Leaf(guest, 1).Ecx & (1u << 24));
    }

    [Fact]
    public void Nested_virtualisation_and_the_pmu_are_hidden()
    {
        CpuidEntry[] guest = CpuidBuilder.Build(Host, 0, 1, 0, deadlineTimer: false);
        Assert.Equal(0u, Leaf(guest, 1).Ecx & (1u << 5));
        Assert.Equal(0u, Leaf(guest, 0x8000_0001).Ecx & (1u << 2));
        Assert.Equal(0u, Leaf(guest, 0xA).Eax);
    }

    private static CpuidEntry Leaf(CpuidEntry[] entries, uint function, uint index = 0) =>
        Assert.Single(entries, entry => entry.Function == function && entry.Index == index);
}
