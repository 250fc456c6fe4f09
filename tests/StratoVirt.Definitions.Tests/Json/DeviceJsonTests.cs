using System.Text.Json;
using CsCheck;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions.Tests.Json;

public sealed class DeviceJsonTests
{
    private static readonly VmDefinition Machine = new()
    {
        Metadata = new VmMetadata { Name = "test" },
        Spec = new VmSpec
        {
            Boot = new BootSpec { BuiltIn = true },
            Balloon = new BalloonSpec(),
            RateGroups = [new RateGroupSpec { Name = "group", Limit = new RateLimitSpec { Operations = 5 } }],
        },
    };

    [Fact]
    public void Every_kind_is_read_back_as_it_was_written() => Assert.All(
        new DeviceSpec[]
        {
            new DiskSpec { Name = "d", Path = "/x", RateGroup = "group", Queues = 2 },
            new NetworkSpec { Name = "n", Tap = "tap0", LinkUp = false },
            new ConsolePortSpec { Name = "p", Socket = "s" },
            new ShareSpec { Name = "s", Path = "/srv" },
            new PersistentMemorySpec { Name = "m", Path = "/x" },
            new MemoryDeviceSpec { Name = "v", Maximum = ByteSize.FromMebibytes(64) },
            new EntropySpec { RateLimit = new RateLimitSpec { Bandwidth = new ByteSize(1000) } },
            new BalloonSpec { Name = "b", Size = ByteSize.FromMebibytes(2) },
            new VsockSpec { Cid = 7 },
        },
        device => Assert.Equal(device, DeviceJson.Deserialize(DeviceJson.KindOf(device), DeviceJson.Serialize(device), Machine)));

    [Theory]
    [InlineData("disk", """{"name":"d"}""", "MissingKey")]
    [InlineData("disk", """{"name":"d","path":"/x","sise":1}""", "UnknownKey")]
    [InlineData("disk", """{"name":"d","path":"/x","queues":"many"}""", "WrongType")]
    [InlineData("disk", """{"name":"d","path":"/x","queues":99}""", "OutOfRange")]
    [InlineData("disk", """{"path":"/x"}""", "MissingKey")]
    [InlineData("memory", """{"name":"m"}""", "OutOfRange")]
    [InlineData("network", """{"name":"n","user":true,"sendLimit":{"bandwidth":"fast"}}""", "WrongType")]
    [InlineData("disk", """{"name":"\ud800","path":"/x"}""", "InvalidCharacter")]
    [InlineData("disk", """[]""", "WrongType")]
    [InlineData("disc", """{}""", "WrongType")]
    public void What_is_no_device_is_refused(string kind, string settings, string id)
    {
        using JsonDocument document = JsonDocument.Parse(settings);
        Assert.Equal(id, Assert.Throws<DefinitionException>(() => DeviceJson.Deserialize(kind, document.RootElement, Machine)).Id.ToString());
    }

    [Fact]
    public void Settings_left_out_take_their_defaults() => Assert.Equal(
        new NetworkSpec { Name = "n", User = true },
        DeviceJson.Deserialize("network", JsonElement.Parse("""{"user":true,"name":"n"}"""), Machine));

    [Fact]
    public void Any_settings_are_a_device_or_refused() =>
        Gen.OneOf("""{"name":1}""", "{\"name\":\"d\",\"path\":null}", "{\"name\":\"\\ud800\",\"path\":\"/\"}", "null", "1", "{\"path\":{\"x\":[]}}").Sample(settings =>
        {
            using JsonDocument document = JsonDocument.Parse(settings);
            Assert.Throws<DefinitionException>(() => DeviceJson.Deserialize("disk", document.RootElement, Machine));
        });
}
