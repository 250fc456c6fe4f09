using StratoVirt.Machine.Building.Devices;

namespace StratoVirt.Machine.Tests.Building;

public sealed class PciPresenceTests
{
    private readonly PciPresence _presence = new();

    [Fact]
    public void A_bus_that_appears_while_the_guest_runs_is_news_once()
    {
        Assert.Equal((0, 0), (Read(0), Read(1)));
        _presence.Appear(announce: true);
        Assert.Equal((1, 1, 1, 0), (Read(0), Read(1), Read(0), Read(1)));
        _presence.Appear(announce: true);
        Assert.Equal((1, 0), (Read(0), Read(1)));
    }

    [Fact]
    public void A_bus_that_is_there_before_the_guest_is_no_news()
    {
        _presence.Appear(announce: false);
        Assert.Equal((1, 0), (Read(0), Read(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_reset_leaves_what_is_on_it(bool present)
    {
        _presence.Appear(announce: true);
        _presence.Reset(present);
        Assert.Equal((present ? 1 : 0, 0), (Read(0), Read(1)));
    }

    private byte Read(ulong offset)
    {
        byte[] data = new byte[1];
        _presence.Read(offset, data);
        return data[0];
    }
}
