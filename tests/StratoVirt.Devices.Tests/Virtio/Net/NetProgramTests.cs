using StratoVirt.Backends.Net.Passt;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Net;

/// <summary>A card whose host side is a program, which ends.</summary>
public sealed class NetProgramTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_end_of_the_program_is_known_whether_or_not_a_driver_uses_the_card(bool activate)
    {
        // Ends as soon as it has begun, whatever it is told.
        using DeviceUnderTest<VirtioNet> test = new(
            thread => new VirtioNet(
                PasstBackend.Start(new PasstOptions { Program = "/bin/false" }),
                new NetOptions { Mac = new MacAddress(0x5254_0000_0001) },
                thread),
            activate: activate);

        // Its end of the socket is closed before its exit code is to be had, and the link follows what is known of it.
        Assert.True(
            SpinWait.SpinUntil(() => IsEndKnown(test.Device) && !test.Device.IsLinkUp, Patience),
            $"link up: {test.Device.IsLinkUp}, problem: {test.Device.Problem}");
        Assert.Empty(test.Faults);
    }

    private static bool IsEndKnown(VirtioNet card) =>
        card.Problem?.Contains("ended with exit code 1", StringComparison.Ordinal) == true;
}
