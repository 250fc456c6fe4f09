using StratoVirt.Machine.Boot.X64;

namespace StratoVirt.Machine.Tests.Boot.X64;

public sealed class MmioSlotsTests
{
    // The timer, the keyboard, the cascade, COM1, the clock, the event device, the FPU.
    private static readonly byte[] Taken = [0, 1, 2, PlatformPorts.Com1Gsi, 8, PlatformPorts.EventGsi, 13];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(64)]
    [InlineData(Layout.VirtioMmioSlots)]
    public void Every_transport_has_a_window_of_its_own_and_an_interrupt_that_is_free(int count)
    {
        IReadOnlyList<MmioSlot> slots = MmioSlots.Allocate(count);
        Assert.Equal(count, slots.Count);
        Assert.Equal(count, slots.Select(slot => slot.Registers.Start).Distinct().Count());
        Assert.All(slots, slot =>
        {
            Assert.InRange(slot.Registers.Start.Value, Layout.VirtioMmio, Layout.IoApic - Layout.VirtioMmioStride);
            Assert.DoesNotContain(slot.Gsi, Taken);
            Assert.InRange(slot.Gsi, 0, Layout.IoApicPins - 1);
            Assert.Equal(slots.Count(other => other.Gsi == slot.Gsi) > 1, slot.SharesGsi);
        });
    }

    [Fact]
    public void Interrupts_are_dealt_out_evenly()
    {
        int[] users = [.. MmioSlots.Allocate(40).GroupBy(slot => slot.Gsi).Select(group => group.Count())];
        Assert.Equal(MmioSlots.Interrupts, users.Length);
        Assert.All(users, count => Assert.InRange(count, 2, 3));
    }

    [Fact]
    public void No_more_than_the_window_holds() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MmioSlots.Allocate(Layout.VirtioMmioSlots + 1));
}
