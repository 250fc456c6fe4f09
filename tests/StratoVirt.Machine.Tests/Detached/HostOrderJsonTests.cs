using System.Text;
using System.Text.Json;
using StratoVirt.Definitions;
using StratoVirt.Machine.Detached;
using StratoVirt.Machine.Jail;

namespace StratoVirt.Machine.Tests.Detached;

public sealed class HostOrderJsonTests
{
    private static readonly HostOrder Order = new()
    {
        Definition = new VmDefinition
        {
            Metadata = new VmMetadata { Name = "web" },
            Spec = new VmSpec { Boot = new BootSpec { BuiltIn = true } },
        },
        BaseDirectory = "/srv/\u00e9/\"quoted\"",
        RuntimeRoot = "/run/stratovirt",
        StoreHome = "/var/lib/stratovirt",
        KernelStart = 4096,
        Paused = true,
        ControlSockets = ["/run/a", "/run/b"],
        SerialFile = "/var/log/serial",
        PidFile = "/run/pid",
        Jailed = true,
        Ends = [new JailEnd("disk", 20), new JailEnd("card", 21, 9000), new JailEnd("card", 22, 9000)],
        Inside = new JailIdentity(4711, 123456789, 0x6123_4567, 19),
    };

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        HostOrder least = Order with
        {
            StoreHome = null, KernelStart = null, Paused = false, ControlSockets = [], SerialFile = null, PidFile = null,
            Jailed = false, Ends = [], Inside = null,
        };
        Assert.All([Order, least], order =>
        {
            HostOrder read = HostOrderJson.Deserialize(HostOrderJson.Serialize(order));
            Assert.Equal(order.ControlSockets, read.ControlSockets);
            Assert.Equal(order.Ends, read.Ends);
            Assert.Equal(order, read with { ControlSockets = order.ControlSockets, Ends = order.Ends });
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":1,\"colour\":\"red\"}")]
    [InlineData("{\"version\":1,\"baseDirectory\":7}")]
    public void WhatIsNoOrderIsRefused(string text) =>
        Assert.ThrowsAny<JsonException>(() => HostOrderJson.Deserialize(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void AnOrderOfAnotherVersionIsRefused()
    {
        string text = Encoding.UTF8.GetString(HostOrderJson.Serialize(Order)).Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal);
        JsonException refused = Assert.ThrowsAny<JsonException>(() => HostOrderJson.Deserialize(Encoding.UTF8.GetBytes(text)));
        Assert.Contains("version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyTruncationIsRefused()
    {
        byte[] text = HostOrderJson.Serialize(Order);
        for (int length = 0; length < text.Length; length++)
        {
            Assert.ThrowsAny<JsonException>(() => HostOrderJson.Deserialize(text.AsSpan(0, length)));
        }
    }

    [Fact]
    public void AnAnswerTellsWhatTheHostFound()
    {
        Assert.Equal(HostAnswer.Ready, HostAnswer.TryParse(HostAnswer.Ready.ToUtf8()));
        var failure = new MachineException(MachineErrorId.KernelMissing, "There is none.", "Make one.", new IOException("gone"));
        HostAnswer answer = HostAnswer.TryParse(HostAnswer.For(failure).ToUtf8())!;
        MachineException thrown = answer.ToException();
        Assert.Equal((failure.Id, failure.Message, failure.RecommendedAction), (thrown.Id, thrown.Message, thrown.RecommendedAction));
        Assert.Equal("gone", thrown.InnerException!.Message);
        Assert.Equal(MachineErrorId.HostFailed, (answer with { ErrorId = "FromTheFuture" }).ToException().Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"id\":")]
    [InlineData("[]")]
    public void WhatIsNoAnswerIsNone(string text) => Assert.Null(HostAnswer.TryParse(Encoding.UTF8.GetBytes(text)));
}
