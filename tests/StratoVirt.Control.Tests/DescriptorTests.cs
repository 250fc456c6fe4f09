using System.Text.Json;
using StratoVirt.Definitions.Devices;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Machine.Tests.Native;
using StratoVirt.Testing;

namespace StratoVirt.Control.Tests;

/// <summary>What a client opens and hands over, because the machine's process may not open it.</summary>
public sealed class DescriptorTests
{
    [KvmFact]
    public void A_tap_that_a_client_has_opened_becomes_a_card_more_than_once()
    {
        using TapDevice tap = OpenOrSkip(multiQueue: true);
        using TapDevice second = TapDevice.Open(tap.Name, multiQueue: true);
        using var served = new ServedMachine(start: false);
        using RawClient client = served.Connect();
        RequireDone(client.Execute("getfd", """{"fdname":"q0"}""", tap));
        RequireDone(client.Execute("getfd", """{"fdname":"q1"}""", second));
        client.Return("netdev_add", """{"id":"n0","type":"tap","fds":"q0:q1"}""");
        tap.Dispose();
        second.Dispose();
        foreach (string card in (string[])["c0", "c1"])
        {
            client.Return("device_add", $$"""{"driver":"virtio-net-pci","id":"{{card}}","netdev":"n0"}""");
            var spec = Assert.IsType<NetworkSpec>(Assert.Single(served.Machine.Devices).Spec);
            Assert.Equal((tap.Name, 2, null), (spec.Tap, spec.Queues, spec.TapDescriptor));
            Assert.Contains("in use", client.Error("netdev_del", """{"id":"n0"}""").Description, StringComparison.Ordinal);
            client.Return("device_del", $$"""{"id":"{{card}}"}""");
            client.WaitForEvent("DEVICE_DELETED");
        }

        // A name is good for one use, as QEMU has it; what it named is held until the netdev goes.
        Assert.Equal("File descriptor named 'q0' has not been found", client.Error("netdev_add", """{"id":"n1","type":"tap","fd":"q0"}""").Description);
        Assert.NotEqual(0, HostInterface.GetMtu(tap.Name));
        client.Return("netdev_del", """{"id":"n0"}""");
        Assert.Throws<LinuxException>(() => HostInterface.GetMtu(tap.Name));
    }

    [KvmFact]
    public void Descriptors_go_with_the_client_or_the_machine_that_holds_them()
    {
        using TapDevice tap = OpenOrSkip(multiQueue: false);
        using (var served = new ServedMachine(start: false))
        {
            using RawClient keeper = served.Connect();
            using (RawClient client = served.Connect())
            {
                RequireDone(client.Execute("getfd", """{"fdname":"t"}""", tap));
                Assert.Contains("has not been found", keeper.Error("netdev_add", """{"id":"n0","type":"tap","fd":"t"}""").Description, StringComparison.Ordinal);
                RequireDone(client.Execute("getfd", """{"fdname":"kept"}""", tap));
            }

            RequireDone(keeper.Execute("getfd", """{"fdname":"t"}""", tap));
            keeper.Return("netdev_add", """{"id":"n0","type":"tap","fd":"t"}""");
            tap.Dispose();
            Assert.NotEqual(0, HostInterface.GetMtu(tap.Name));
        }

        Assert.Throws<LinuxException>(() => HostInterface.GetMtu(tap.Name));
    }

    /// <summary>QEMU's own words, and nothing kept of what is refused.</summary>
    [KvmFact]
    public void Refused_descriptors_are_closed()
    {
        using var served = new ServedMachine(start: false);
        using var qemu = new QemuPeer(Path.Combine(served.Directory, "qemu.sock"), "-M", "microvm");
        using RawClient ours = served.Connect();
        string path = Path.Combine(served.Directory, "file");
        using FileDescriptor file = FileDescriptor.Open(path, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
        (string Command, string Arguments)[] steps =
        [
            ("getfd", """{"fdname":"1st"}"""), ("getfd", """{"fdname":"f"}"""), ("getfd", """{"fdname":"f"}"""), ("closefd", """{"fdname":"f"}"""),
        ];
        foreach ((string command, string arguments) in steps)
        {
            FileDescriptor[] beside = command == "getfd" ? [file] : [];
            Assert.Equal(Outcome(qemu.Client.Execute(command, arguments, beside)), Outcome(ours.Execute(command, arguments, beside)));
        }

        Assert.Equal(1, OpenDescriptors.To(path));
        RequireDone(ours.Execute("getfd", """{"fdname":"f"}""", file));
        Assert.Contains("is no tap", ours.Error("netdev_add", """{"id":"n0","type":"tap","fd":"f"}""").Description, StringComparison.Ordinal);
        Assert.Equal(1, OpenDescriptors.To(path));
        for (int i = 0; i < 32; i++)
        {
            RequireDone(ours.Execute("getfd", $$"""{"fdname":"f{{i}}"}""", file));
        }

        Assert.Contains("Too many", Outcome(ours.Execute("getfd", """{"fdname":"one-more"}""", file)), StringComparison.Ordinal);
        Assert.Equal(33, OpenDescriptors.To(path));
    }

    private static void RequireDone(JsonElement answer) => Assert.Equal("{}", Outcome(answer));

    private static string Outcome(JsonElement answer) => answer.TryGetProperty("return", out JsonElement result)
        ? result.GetRawText()
        : answer.GetProperty("error").GetProperty("desc").GetString()!;

    private static TapDevice OpenOrSkip(bool multiQueue)
    {
        try
        {
            return TapDevice.Open(string.Empty, multiQueue);
        }
        catch (LinuxException refusal) when (refusal.Errno is Errno.NotPermitted or Errno.NoEntry or Errno.NoDevice)
        {
            Assert.Skip(refusal.Message);
            throw;
        }
    }
}
