using System.Text;
using System.Text.Json;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Json;
using StratoVirt.Machine;
using StratoVirt.Machine.Tests.Native;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.Control.Tests;

/// <summary>Both ends are ours: everything cmdlets need of a machine of another process.</summary>
public sealed class ControlClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [KvmFact]
    public void Status_and_counters_are_the_machines_own()
    {
        using var served = new ServedMachine(spec => spec with { Entropy = new EntropySpec(), Balloon = new BalloonSpec(), Ports = [new ConsolePortSpec { Name = "port" }] });
        using ControlClient client = Connect(served);
        VendorStatus status = client.Execute(VendorCommands.Status, QmpNothing.Instance, Patience);
        Assert.Equal(("test", QmpRunState.Running, Environment.ProcessId), (status.Name, status.State, status.ProcessId));
        Assert.Equal(served.Machine.Status.StartedAt, status.StartedAt);
        VendorMetrics metrics = client.Execute(VendorCommands.Metrics, QmpNothing.Instance, Patience);
        Assert.Equal(32UL << 20, metrics.GuestMemory);
        Assert.Equal(["port", "entropy", "balloon"], metrics.Devices.Select(device => device.Kind));
        Assert.Equal(0, metrics.Devices[1].Counters.GetProperty("Requests").GetInt64());
        JsonElement definition = client.Execute(VendorCommands.Definition, QmpNothing.Instance, Patience);
        Assert.Equal(served.Machine.Definition, DefinitionJson.Deserialize(definition.GetRawText()));
    }

    /// <summary>As a session does for a machine that may open nothing: by these paths it finds nothing.</summary>
    [KvmFact]
    public void A_device_is_added_with_what_the_client_has_opened_for_it()
    {
        using var served = new ServedMachine(start: false);
        using ControlClient client = Connect(served);
        string elsewhere = Directory.CreateTempSubdirectory("svq-ends-").FullName;
        try
        {
            string image = Path.Combine(elsewhere, "disk.img");
            File.WriteAllBytes(image, new byte[1 << 20]);
            DeviceSpec[] devices =
            [
                new DiskSpec { Name = "d", Path = "disk.img" },
                new ConsolePortSpec { Name = "p", Socket = "port.sock" },
                new ConsolePortSpec { Name = "f", File = "port.out" },
                new VsockSpec { Name = "v", Socket = "vsock" },
            ];
            foreach (DeviceSpec device in devices)
            {
                using HostEnds ends = HostEnds.Open(device, elsewhere);
                client.Execute(VendorCommands.DeviceAdd, Words(device), Patience, ends.Descriptors);
            }

            Assert.Equal(
                devices.Select(device => (device.Name, "idle")),
                client.Execute(VendorCommands.Devices, QmpNothing.Instance, Patience).Select(device => (device.Name, device.State)));
            using (new RawClient(Path.Combine(elsewhere, "port.sock")))
            using (new RawClient(Path.Combine(elsewhere, "vsock")))
            {
                client.Execute(VendorCommands.DeviceRemove, new VendorDeviceName { Name = "p" }, Patience);
            }

            HostEnds.RemoveSocket(devices[1], elsewhere);
            HostEnds.RemoveSocket(devices[3], elsewhere);
            Assert.Equal((false, true), (File.Exists(Path.Combine(elsewhere, "port.sock")), File.Exists(Path.Combine(elsewhere, "vsock"))));

            // Too few, and of the wrong kind.
            using HostEnds one = HostEnds.Open(new EntropySpec { Source = "/dev/urandom" }, elsewhere);
            QmpException refused = Assert.Throws<QmpException>(() => client.Execute(
                VendorCommands.DeviceAdd, Words(new ConsolePortSpec { Name = "pipe", Pipe = "pipe" }), Patience, one.Descriptors));
            Assert.Equal(nameof(MachineErrorId.DeviceUnusable), refused.Id);
            Assert.Throws<QmpException>(() => client.Execute(
                VendorCommands.DeviceAdd, Words(new DiskSpec { Name = "x", Path = "x" }), Patience, one.Descriptors));
            Assert.Throws<QmpException>(() => client.Execute(
                VendorCommands.DeviceAdd, Words(new NetworkSpec { Name = "n", Tap = "t" }), Patience, one.Descriptors));
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [KvmFact]
    public void Devices_are_added_changed_and_removed_in_the_words_of_definitions()
    {
        using var served = new ServedMachine(start: false);
        using ControlClient client = Connect(served);
        var balloon = new BalloonSpec { Name = "b", Size = Definitions.ByteSize.FromMebibytes(2) };
        client.Execute(VendorCommands.DeviceAdd, Words(balloon), Patience);
        client.Execute(VendorCommands.DeviceChange, Words(balloon with { Size = Definitions.ByteSize.FromMebibytes(4) }), Patience);
        VendorDevice device = Assert.Single(client.Execute(VendorCommands.Devices, QmpNothing.Instance, Patience));
        Assert.Equal(("b", "pci", "idle", "4MiB"), (device.Name, device.Bus, device.State, device.Spec.GetProperty("size").GetString()));
        client.Execute(VendorCommands.DeviceRemove, new VendorDeviceName { Name = "b" }, Patience);
        Assert.Equal("DEVICE_DELETED", client.TakeEvent(Patience)!.Name);
        QmpException refused = Assert.Throws<QmpException>(() => client.Execute(
            VendorCommands.DeviceAdd, Words(new DiskSpec { Name = "d", Path = "/nowhere/disk.img" }), Patience));
        Assert.Equal(nameof(MachineErrorId.DeviceMissing), refused.Id);
        Assert.NotNull(refused.RecommendedAction);
        Assert.Equal("UnknownKey", Assert.Throws<QmpException>(() => client.Execute(
            VendorCommands.DeviceAdd, new VendorDeviceSpec { Kind = "balloon", Spec = JsonDocument.Parse("{\"sise\":1}").RootElement }, Patience)).Id);
    }

    [KvmFact]
    public void The_console_is_read_followed_and_typed_on()
    {
        using var served = new ServedMachine();
        using ControlClient client = Connect(served);
        (string seen, long position) = ReadTo(client, "hello> ", 0);
        ConsoleInput input = client.Execute(VendorCommands.ConsoleWrite, new ConsoleWriteArguments { Data = "help\r"u8.ToArray() }, Patience);
        Assert.Equal((5, position), (input.Taken, input.Written));
        (string answer, _) = ReadTo(client, "hello> ", input.Written);
        Assert.Contains("help", answer, StringComparison.Ordinal);
        Assert.NotEqual(seen, answer);

        // Nothing comes: the wait ends by itself.
        ConsoleOutput none = Read(client, served.Machine.Console.Written, 1);
        Assert.Empty(none.Data);
        served.Machine.PowerOff();
    }

    [KvmFact]
    public void A_refusal_is_an_error_and_a_machine_that_ends_is_another()
    {
        using var served = new ServedMachine();
        using ControlClient client = Connect(served);
        Assert.Equal("CommandNotFound", Assert.Throws<QmpException>(() => client.Execute("nope", default, Patience)).ErrorClass);
        served.Machine.PowerOff();
        Assert.Equal("SHUTDOWN", client.TakeEvent(Patience)!.Name);
        Assert.Equal(
            MachineErrorId.ControlUnreachable,
            Assert.Throws<MachineException>(() => client.Execute("query-status", default, Patience)).Id);
        Assert.Equal(
            MachineErrorId.ControlUnreachable,
            Assert.Throws<MachineException>(() => ControlClient.Connect(served.Machine.ControlSocketPath!, Patience)).Id);
    }

    [KvmFact]
    public void Waiting_ends_by_time_and_by_cancellation()
    {
        using var served = new ServedMachine();
        using ControlClient client = Connect(served);
        Assert.Null(client.TakeEvent(TimeSpan.FromMilliseconds(1)));
        using var cancelled = new CancellationTokenSource(1);
        Assert.Throws<OperationCanceledException>(() => client.TakeEvent(Timeout.InfiniteTimeSpan, cancelled.Token));
        Assert.True(client.Execute(LifecycleCommands.QueryStatus, QmpNothing.Instance, Patience).Running);
    }

    [KvmFact]
    public void It_is_told_when_the_last_client_has_left()
    {
        using var served = new ServedMachine(start: false);
        using var left = new SemaphoreSlim(0);
        served.Server.LastClientLeft += () => left.Release();
        using (Connect(served))
        using (Connect(served))
        {
            Assert.Equal(2, served.Server.Clients);
        }

        Assert.True(left.Wait(Patience));
        Assert.Equal(0, served.Server.Clients);
    }

    private static ControlClient Connect(ServedMachine served) => ControlClient.Connect(served.Machine.ControlSocketPath!, Patience);

    private static VendorDeviceSpec Words(DeviceSpec device) => new() { Kind = DeviceJson.KindOf(device), Spec = DeviceJson.Serialize(device) };

    private static ConsoleOutput Read(ControlClient client, long position, int waitMs) => client.Execute(
        VendorCommands.ConsoleRead, new ConsoleReadArguments { Position = position, WaitMs = waitMs }, Patience);

    private static (string Text, long Position) ReadTo(ControlClient client, string text, long position)
    {
        var seen = new StringBuilder();
        while (!seen.ToString().EndsWith(text, StringComparison.Ordinal))
        {
            ConsoleOutput output = Read(client, position, (int)Patience.TotalMilliseconds);
            Assert.NotEmpty(output.Data);
            seen.Append(Encoding.UTF8.GetString(output.Data));
            position = output.Position;
        }

        return (seen.ToString(), position);
    }
}
