using System.Text.Json;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Tests.Native;

namespace StratoVirt.Control.Tests;

public sealed class LifecycleTests
{
    [KvmFact]
    public void A_client_is_greeted_and_has_to_negotiate()
    {
        using var served = new ServedMachine(start: false);
        using var client = new RawClient(served.Machine.ControlSocketPath!);
        JsonElement greeting = JsonDocument.Parse(client.ReadLine()!).RootElement.GetProperty("QMP");
        Assert.Empty(greeting.GetProperty("capabilities").EnumerateArray());
        Assert.StartsWith("StratoVirt", greeting.GetProperty("version").GetProperty("package").GetString(), StringComparison.Ordinal);
        Assert.Equal("CommandNotFound", client.Error("query-status").Class);
        client.Return("qmp_capabilities");
        Assert.Equal("CommandNotFound", client.Error("qmp_capabilities").Class);
        Assert.Equal("prelaunch", client.Return("query-status").GetProperty("status").GetString());
    }

    [KvmFact]
    public void Only_the_owner_may_connect()
    {
        using var served = new ServedMachine(start: false);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(served.Machine.ControlSocketPath!));
    }

    [KvmFact]
    public void The_verbs_of_the_protocol_drive_the_machine_and_every_client_sees_it()
    {
        using var served = new ServedMachine(start: false);
        using RawClient one = served.Connect();
        using RawClient other = served.Connect();
        one.Return("cont");
        Assert.Equal(RunState.Running, served.Machine.Status.State);
        one.Return("stop");
        one.Return("stop");
        Assert.Equal("paused", one.Return("query-status").GetProperty("status").GetString());
        one.Return("cont");
        one.Return("system_reset");
        one.Return("system_powerdown");
        foreach (RawClient client in new[] { one, other })
        {
            client.WaitForEvent("RESUME");
            client.WaitForEvent("STOP");
            client.WaitForEvent("RESUME");
            JsonElement reset = client.WaitForEvent("RESET").GetProperty("data");
            Assert.Equal(("host-qmp-system-reset", false), (reset.GetProperty("reason").GetString(), reset.GetProperty("guest").GetBoolean()));
            client.WaitForEvent("POWERDOWN");
        }
    }

    [KvmFact]
    public void Quitting_is_told_and_answered_and_leaves_nothing_behind()
    {
        using var served = new ServedMachine();
        using RawClient one = served.Connect();
        using RawClient other = served.Connect();
        one.Return("quit");
        Assert.Equal("host-qmp-quit", one.WaitForEvent("SHUTDOWN").GetProperty("data").GetProperty("reason").GetString());
        other.WaitForEvent("SHUTDOWN");
        Assert.Null(one.ReadLine());
        Assert.Null(other.ReadLine());
        Assert.Equal(RunState.Shutdown, served.Machine.Status.State);
        Assert.False(Path.Exists(served.Machine.ControlSocketPath));
        Assert.Null(served.Runtime.Inspect("test"));
    }

    [KvmFact]
    public void Further_sockets_serve_the_same_machine_and_go_with_it()
    {
        using var served = new ServedMachine();
        string path = Path.Combine(served.Directory, "more.sock");
        served.Server.Listen(path);
        using (var client = new RawClient(path))
        {
            client.ReadLine();
            client.Return("qmp_capabilities");
            client.Return("quit");
        }

        served.Server.Dispose();
        Assert.False(Path.Exists(path));
    }
}
