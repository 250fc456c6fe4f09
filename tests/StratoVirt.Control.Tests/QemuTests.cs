using System.Text.Json;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine.Tests.Native;

namespace StratoVirt.Control.Tests;

/// <summary>The same conversation with QEMU and with us, where QEMU is installed: errors are its words, answers have its
/// members, events come in its order with its data.</summary>
public sealed class QemuTests
{
    // Same class and same words from both.
    private static readonly (string Command, string? Arguments)[] Refused =
    [
        ("qmp_capabilities", null),
        ("nope", null),
        ("stop", """{"x":1}"""),
        ("balloon", null),
        ("balloon", """{"value":"x"}"""),
        ("balloon", """{"value":1000}"""),
        ("query-balloon", null),
        ("device_del", null),
        ("device_del", """{"id":"x"}"""),
        ("device_add", """{"id":"x"}"""),
        ("device_add", """{"driver":"foo","id":"x"}"""),
        ("blockdev-del", """{"node-name":"x"}"""),
        ("blockdev-add", """{"driver":"file","filename":"/nope","node-name":"n0"}"""),
        ("blockdev-add", """{"driver":"raw","node-name":"n0"}"""),
        ("blockdev-add", """{"driver":"raw","node-name":"n0","file":{"driver":"file"}}"""),
        ("blockdev-add", """{"driver":"zzz","node-name":"n0"}"""),
        ("netdev_del", """{"id":"x"}"""),
        ("netdev_add", """{"id":"x","type":"zzz"}"""),
        ("netdev_add", """{"id":"x","type":"tap","fd":"x"}"""),
        ("getfd", """{"fdname":"x"}"""),
        ("closefd", """{"fdname":"x"}"""),
        ("set_link", """{"name":"x","up":true}"""),
        ("set_link", """{"name":"x","up":"yes"}"""),
        ("block_set_io_throttle", """{"id":"x","bps":0,"bps_rd":0,"bps_wr":0,"iops":0,"iops_rd":0,"iops_wr":0}"""),
        ("chardev-remove", """{"id":"x"}"""),
        ("qom-list", """{"path":"/nope"}"""),
        ("device-list-properties", """{"typename":"zzz"}"""),
    ];

    // Every member we answer with, QEMU has too, of the same JSON kind.
    private static readonly string[] Answered =
    [
        "query-status", "query-version", "query-name", "query-kvm", "query-target", "query-cpus-fast",
        "query-machines", "query-memory-size-summary", "query-iothreads", "query-chardev", "query-block", "query-blockstats",
        "query-named-block-nodes", "query-commands",
    ];

    [KvmFact]
    public void The_same_conversation_with_QEMU_goes_the_same_way()
    {
        using var served = new ServedMachine(spec => spec with { Disks = [new DiskSpec { Name = "d0", Path = "disk.img" }] }, start: false, prepare: directory =>
            File.WriteAllBytes(Path.Combine(directory, "disk.img"), new byte[1 << 20]));
        using var qemu = new QemuPeer(
            Path.Combine(served.Directory, "qemu.sock"),
            "-M", "microvm",
            "-blockdev", $"driver=file,node-name=d0,filename={Path.Combine(served.Directory, "disk.img")},locking=off",
            "-device", "virtio-blk-device,drive=d0,id=d0");
        RawClient theirs = qemu.Client;
        using RawClient ours = served.Connect();
        foreach ((string command, string? arguments) in Refused)
        {
            Assert.Equal((command, arguments, theirs.Error(command, arguments)), (command, arguments, ours.Error(command, arguments)));
        }

        foreach (string command in Answered)
        {
            QemuPeer.RequireSubset(ours.Return(command), theirs.Return(command), command, "default-cpu-type", "plugged-memory", "device");
        }

        foreach (string verb in new[] { "cont", "stop", "stop", "cont", "system_reset" })
        {
            Assert.Equal(theirs.Return(verb).ToString(), ours.Return(verb).ToString());
        }

        theirs.Return("quit");
        ours.Return("quit");
        Assert.Equal(Story(theirs), Story(ours));
    }

    private static string[] Story(RawClient client) =>
        [.. client.Events.Select(happening => $"{happening.GetProperty("event")} {(happening.TryGetProperty("data", out JsonElement data) ? Plain(data) : string.Empty)}")];

    private static string Plain(JsonElement data) =>
        string.Join(' ', data.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"{member.Name}={member.Value}"));
}
