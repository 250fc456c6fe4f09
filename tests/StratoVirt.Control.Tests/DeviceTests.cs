using System.Text.Json;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine;
using StratoVirt.Machine.Tests.Native;

namespace StratoVirt.Control.Tests;

public sealed class DeviceTests
{
    private const int ImageBytes = 1 << 20;

    [KvmFact]
    public void A_disk_comes_as_QEMU_has_it_and_goes_when_the_guest_has_not_started()
    {
        using var served = new ServedMachine(start: false);
        using RawClient client = served.Connect();
        string path = Image(served, "disk.img");
        client.Return("blockdev-add", $$$"""{"driver":"file","node-name":"f0","filename":"{{{path}}}","cache":{"direct":false}}""");
        client.Return("blockdev-add", """{"driver":"raw","node-name":"d0","file":"f0","read-only":true}""");
        Assert.Contains("in use", client.Error("blockdev-del", """{"node-name":"f0"}""").Description, StringComparison.Ordinal);
        client.Return("device_add", """{"driver":"virtio-blk-pci","id":"disk0","drive":"d0","serial":"S1","num-queues":1}""");
        var disk = Assert.IsType<DiskSpec>(Assert.Single(served.Machine.Devices).Spec);
        Assert.Equal((path, true, "S1", (int?)1), (disk.Path, disk.ReadOnly, disk.Serial, disk.Queues));
        JsonElement block = Assert.Single(client.Return("query-block").EnumerateArray());
        Assert.Equal("d0", block.GetProperty("inserted").GetProperty("node-name").GetString());
        Assert.Equal(ImageBytes, block.GetProperty("inserted").GetProperty("image").GetProperty("virtual-size").GetInt64());
        Assert.Equal(0, Assert.Single(client.Return("query-blockstats").EnumerateArray()).GetProperty("stats").GetProperty("rd_bytes").GetInt64());
        Assert.Contains("in use", client.Error("blockdev-del", """{"node-name":"d0"}""").Description, StringComparison.Ordinal);
        client.Return("block_set_io_throttle", """{"id":"disk0","bps":1000000,"bps_rd":0,"bps_wr":0,"iops":50,"iops_rd":0,"iops_wr":0}""");
        Assert.Equal(50, ((DiskSpec)served.Machine.Devices[0].Spec).RateLimit!.Operations);
        client.Return("device_del", """{"id":"disk0"}""");
        Assert.Equal("/machine/peripheral/disk0", client.WaitForEvent("DEVICE_DELETED").GetProperty("data").GetProperty("path").GetString());
        client.Return("blockdev-del", """{"node-name":"d0"}""");
        client.Return("blockdev-del", """{"node-name":"f0"}""");
        Assert.Empty(client.Return("query-named-block-nodes").EnumerateArray());
    }

    [KvmFact]
    public void A_disk_grows_and_never_shrinks()
    {
        using var served = new ServedMachine(
            spec => spec with { Disks = [new DiskSpec { Name = "disk", Path = "disk.img" }] },
            prepare: directory => File.WriteAllBytes(Path.Combine(directory, "disk.img"), new byte[ImageBytes]));
        using RawClient client = served.Connect();
        client.Return("block_resize", $$"""{"node-name":"disk","size":{{2 * ImageBytes}}}""");
        Assert.Equal((2 * ImageBytes, 2 * ImageBytes), (served.Machine.Devices[0].Capacity, new FileInfo(Path.Combine(served.Directory, "disk.img")).Length));
        client.Error("block_resize", $$"""{"device":"disk","size":{{ImageBytes}}}""");
        client.Error("block_resize", $$"""{"device":"disk","size":{{(3 * ImageBytes) + 1}}}""");
        Assert.Equal("Cannot find device='x' nor node-name=''", client.Error("block_resize", """{"device":"x","size":1}""").Description);
        Assert.Equal(2 * ImageBytes, served.Machine.Devices[0].Capacity);
    }

    /// <summary>StratoVirt's own words for the same: no outer driver, no drive, a slot that is named.</summary>
    [KvmFact]
    public void A_disk_comes_as_StratoVirt_has_it()
    {
        using var served = new ServedMachine();
        using RawClient client = served.Connect();
        string path = Image(served, "disk.img");
        client.Return("blockdev-add", $$"""{"node-name":"drive-0","file":{"driver":"file","filename":"{{path}}"},"cache":{"direct":false},"read-only":false}""");
        client.Return("device_add", """{"id":"drive-0","driver":"virtio-blk-mmio","addr":"0x1"}""");
        Assert.Equal("drive-0", Assert.Single(served.Machine.Devices).Name);
    }

    [KvmFact]
    public void A_running_guest_is_asked_and_a_second_time_refused()
    {
        using var served = new ServedMachine();
        using RawClient client = served.Connect();
        client.Return("device_add", """{"driver":"virtio-rng-pci","id":"rng0","max-bytes":1024,"period":"1000"}""");
        client.Return("device_del", """{"id":"rng0"}""");
        Assert.Contains("in the process of unplug", client.Error("device_del", """{"id":"rng0"}""").Description, StringComparison.Ordinal);
        client.Return("system_reset");
        Assert.Equal("rng0", client.WaitForEvent("DEVICE_DELETED").GetProperty("data").GetProperty("device").GetString());
        Assert.Empty(served.Machine.Devices);
    }

    [KvmFact]
    public void Ports_links_balloon_and_forwards_map_onto_devices()
    {
        using var served = new ServedMachine(start: false);
        using RawClient client = served.Connect();
        client.Return("chardev-add", """{"id":"c0","backend":{"type":"socket","data":{"addr":{"type":"unix","data":{"path":"port.sock"}},"server":true,"wait":false}}}""");
        client.Return("device_add", """{"driver":"virtserialport","id":"port0","chardev":"c0"}""");
        Assert.True(Path.Exists(Path.Combine(served.Directory, "port.sock")));
        Assert.Contains("busy", client.Error("chardev-remove", """{"id":"c0"}""").Description, StringComparison.Ordinal);
        client.Return("device_add", """{"driver":"virtio-balloon-pci","id":"balloon0","deflate-on-oom":"on"}""");
        client.Return("balloon", $$"""{"value":{{20 << 20}}}""");
        Assert.Equal(ByteSize.FromMebibytes(12), ((BalloonSpec)Device(served, "balloon0").Spec).Size);
        Assert.Equal(32 << 20, client.Return("query-balloon").GetProperty("actual").GetInt64());
        Assert.Contains(client.Return("query-chardev").EnumerateArray(), chardev => chardev.GetProperty("label").GetString() == "c0");
        Assert.Equal("Property 'virtio-balloon-pci.x' not found", client.Error("qom-get", """{"path":"/machine/peripheral/balloon0","property":"x"}""").Description);
        Assert.Equal("12MiB", client.Return("qom-get", """{"path":"/machine/peripheral/balloon0","property":"size"}""").GetString());
        Assert.Equal(3, client.Return("qom-list", """{"path":"/machine/peripheral"}""").GetArrayLength());
    }

    /// <summary>QEMU's own words, as its version 7.2 says them.</summary>
    [KvmTheory]
    [InlineData("device_del", """{"id":"x"}""", "DeviceNotFound", "Device 'x' not found")]
    [InlineData("device_add", """{"driver":"foo","id":"x"}""", "GenericError", "'foo' is not a valid device model name")]
    [InlineData("device_add", """{"id":"x"}""", "GenericError", "Parameter 'driver' is missing")]
    [InlineData("device_add", """{"driver":"virtio-blk-device","id":"x","drive":"nope"}""", "GenericError", "Property 'virtio-blk-device.drive' can't find value 'nope'")]
    [InlineData("device_add", """{"driver":"virtio-rng-pci","id":"x","foo":1}""", "GenericError", "Property 'virtio-rng-pci.foo' not found")]
    [InlineData("blockdev-del", """{"node-name":"x"}""", "GenericError", "Failed to find node with node-name='x'")]
    [InlineData("blockdev-add", """{"driver":"file","filename":"/nope","node-name":"n0"}""", "GenericError", "Could not open '/nope': No such file or directory")]
    [InlineData("blockdev-add", """{"driver":"raw","node-name":"n0"}""", "GenericError", "Parameter 'file' is missing")]
    [InlineData("blockdev-add", """{"driver":"raw","node-name":"n0","file":{"driver":"file"}}""", "GenericError", "Parameter 'file.filename' is missing")]
    [InlineData("blockdev-add", """{"driver":"zzz","node-name":"n0"}""", "GenericError", "Parameter 'driver' does not accept value 'zzz'")]
    [InlineData("netdev_del", """{"id":"x"}""", "DeviceNotFound", "Device 'x' not found")]
    [InlineData("netdev_add", """{"id":"x","type":"zzz"}""", "GenericError", "Parameter 'type' does not accept value 'zzz'")]
    [InlineData("set_link", """{"name":"x","up":true}""", "DeviceNotFound", "Device 'x' not found")]
    [InlineData("balloon", """{"value":"x"}""", "GenericError", "Invalid parameter type for 'value', expected: integer")]
    [InlineData("balloon", """{}""", "GenericError", "Parameter 'value' is missing")]
    [InlineData("balloon", """{"value":1000}""", "DeviceNotActive", "No balloon device has been activated")]
    [InlineData("query-balloon", """{}""", "DeviceNotActive", "No balloon device has been activated")]
    [InlineData("stop", """{"x":1}""", "GenericError", "Parameter 'x' is unexpected")]
    [InlineData("nope", """{}""", "CommandNotFound", "The command nope has not been found")]
    [InlineData("chardev-remove", """{"id":"x"}""", "GenericError", "Chardev 'x' not found")]
    [InlineData("qom-list", """{"path":"/nope"}""", "DeviceNotFound", "Device '/nope' not found")]
    [InlineData("device-list-properties", """{"typename":"zzz"}""", "DeviceNotFound", "Device 'zzz' not found")]
    [InlineData("block_set_io_throttle", """{"id":"x","bps":0,"bps_rd":0,"bps_wr":0,"iops":0,"iops_rd":0,"iops_wr":0}""", "DeviceNotFound", "Device 'x' not found")]
    public void Errors_are_QEMUs(string command, string arguments, string errorClass, string description)
    {
        using var served = new ServedMachine(start: false);
        using RawClient client = served.Connect();
        Assert.Equal((errorClass, description), client.Error(command, arguments));
    }

    [KvmFact]
    public void What_cannot_be_is_refused_and_takes_nothing()
    {
        using var served = new ServedMachine(spec => spec with { Entropy = new EntropySpec { Name = "rng" } });
        using RawClient client = served.Connect();
        string path = Image(served, "disk.img");
        client.Return("blockdev-add", $$"""{"driver":"file","node-name":"d0","filename":"{{path}}"}""");
        client.Error("device_add", """{"driver":"virtio-blk-pci","id":"bad name","drive":"d0"}""");
        client.Error("device_add", """{"driver":"virtio-blk-pci","id":"disk0","drive":"d0","num-queues":100}""");
        client.Error("device_add", """{"driver":"virtio-blk-pci","id":"rng","drive":"d0"}""");
        client.Error("device_add", """{"driver":"virtio-blk-pci","id":"disk0","drive":"d0","addr":"5"}""");
        Assert.Contains("does not support hotplugging", client.Error("device_del", """{"id":"rng"}""").Description, StringComparison.Ordinal);
        Assert.Single(served.Machine.Devices);
        client.Return("blockdev-del", """{"node-name":"d0"}""");
    }

    private static VmDevice Device(ServedMachine served, string name) => served.Machine.Devices.Single(device => device.Name == name);

    private static string Image(ServedMachine served, string name)
    {
        string path = Path.Combine(served.Directory, name);
        File.WriteAllBytes(path, new byte[ImageBytes]);
        return path;
    }
}
