using System.Text.Json;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine.Tests.Native;

namespace StratoVirt.Control.Tests;

/// <summary>Every command that QEMU knows too, given to both with what it needs to succeed: the answers have the same
/// structure, and so have the events and the schema.</summary>
public sealed class QemuCommandTests
{
    private const string Throttle = "\"bps\":1000000,\"bps_rd\":0,\"bps_wr\":0,\"iops\":0,\"iops_rd\":0,\"iops_wr\":0";

    // Members whose presence depends on what a machine happens to be; all are in QEMU's schema.
    private static readonly string[] Unsaid = ["default-cpu-type", "plugged-memory", "device", "default-value", "description"];

    // In this order: later ones need what earlier ones made. DIR stands for a directory of each, DISK for what knows of a
    // disk's image, which in QEMU is a part of the PCI device that has its name.
    private static readonly (string Command, string? Arguments)[] Steps =
    [
        ("query-status", null), ("query-version", null), ("query-name", null), ("query-kvm", null), ("query-target", null),
        ("query-cpus-fast", null), ("query-hotpluggable-cpus", null), ("query-machines", null), ("query-memory-size-summary", null),
        ("query-iothreads", null), ("query-chardev", null), ("query-block", null), ("query-blockstats", null),
        ("query-named-block-nodes", null), ("query-commands", null), ("query-balloon", null), ("query-qmp-schema", null),
        ("qom-list", """{"path":"/machine/peripheral"}"""),
        ("qom-get", """{"path":"/machine/peripheral/d0","property":"type"}"""),
        ("qom-list-types", """{"implements":"virtio-device"}"""),
        ("device-list-properties", """{"typename":"virtio-blk-pci"}"""),
        ("balloon", """{"value":16777216}"""),
        ("block_resize", """{"node-name":"d0","size":2097152}"""),
        ("block_set_io_throttle", "{\"id\":\"DISK\"," + Throttle + "}"),
        ("blockdev-add", """{"driver":"raw","node-name":"more","file":{"driver":"file","filename":"DIR/more.img"}}"""),
        ("device_add", """{"driver":"virtio-blk-pci","drive":"more","id":"more"}"""),
        ("query-block", null),
        ("device_del", """{"id":"more"}"""),
        ("blockdev-add", """{"driver":"file","node-name":"spare","filename":"DIR/spare.img"}"""),
        ("blockdev-del", """{"node-name":"spare"}"""),
        ("chardev-add", """{"id":"c0","backend":{"type":"file","data":{"out":"DIR/port.out"}}}"""),
        ("device_add", """{"driver":"virtserialport","chardev":"c0","id":"p0"}"""),
        ("query-chardev", null),
        ("device_del", """{"id":"p0"}"""),
        ("chardev-add", """{"id":"c1","backend":{"type":"file","data":{"out":"DIR/port.out"}}}"""),
        ("chardev-remove", """{"id":"c1"}"""),
        ("netdev_add", """{"id":"n1","type":"user"}"""),
        ("netdev_del", """{"id":"n1"}"""),
        ("cont", null), ("stop", null), ("cont", null), ("system_reset", null), ("quit", null),
    ];

    // The first is how a conversation begins; the second needs an interface of this host to succeed, and its refusals are
    // in QemuTests; the third ends our guest, in LifecycleTests, where QEMU's has no system to hear it. The last two need
    // a descriptor beside them: DescriptorTests.
    private static readonly string[] Elsewhere = ["qmp_capabilities", "set_link", "system_powerdown", "getfd", "closefd"];

    [KvmFact]
    public void Every_command_that_both_know_answers_alike()
    {
        using ServedMachine served = Serve();
        using var qemu = new QemuPeer(Path.Combine(served.Directory, "qemu.sock"), Devices(served.Directory));
        using RawClient ours = served.Connect();
        RawClient theirs = qemu.Client;
        string[] both = [.. Names(ours.Return("query-commands")).Intersect(Names(theirs.Return("query-commands")))];
        Assert.Equal(both.Order(), Steps.Select(step => step.Command).Concat(Elsewhere).Distinct().Order());

        foreach ((string command, string? given) in Steps)
        {
            string? arguments = Fill(given, served.Directory, "d0");
            JsonElement answer = ours.Return(command, arguments);
            JsonElement expected = theirs.Return(
                command, Fill(given, Path.Combine(served.Directory, "qemu"), "/machine/peripheral/d0/virtio-backend"));
            if (command == "query-qmp-schema")
            {
                RequireSchema(answer, expected, both);
            }
            else if (command is "qom-list" or "device-list-properties")
            {
                Assert.Empty(Names(answer).Except(Names(expected)));
                QemuPeer.RequireSubset(answer, expected, command, Unsaid);
            }
            else
            {
                QemuPeer.RequireSubset(answer, expected, $"{command} {arguments}", Unsaid);
            }
        }

        // Those of a device that leaves come when each guest lets go of it.
        string?[] happenings = [.. EventNames(ours).Intersect(EventNames(theirs))];
        Assert.Contains("STOP", happenings);
        Assert.All(happenings, name => QemuPeer.RequireSubset(First(ours, name), First(theirs, name), $"event {name}"));
    }

    private static ServedMachine Serve() => new(
        spec => spec with { Disks = [new DiskSpec { Name = "d0", Path = "disk.img" }], Balloon = new BalloonSpec { Name = "balloon" } },
        start: false,
        prepare: directory =>
        {
            Directory.CreateDirectory(Path.Combine(directory, "qemu"));
            foreach (string name in (string[])["disk.img", "more.img", "spare.img"])
            {
                File.WriteAllBytes(Path.Combine(directory, name), new byte[1 << 20]);
                File.WriteAllBytes(Path.Combine(directory, "qemu", name), new byte[1 << 20]);
            }
        });

    // The machine that can have devices come and go.
    private static string[] Devices(string directory) =>
    [
        "-M", "pc",
        "-blockdev", $"driver=file,node-name=d0,filename={Path.Combine(directory, "qemu", "disk.img")}",
        "-device", "virtio-blk-pci,drive=d0,id=d0",
        "-device", "virtio-balloon-pci,id=balloon",
        "-device", "virtio-serial-pci",
    ];

    private static string? Fill(string? arguments, string directory, string disk) => arguments?
        .Replace("DIR", directory, StringComparison.Ordinal).Replace("DISK", disk, StringComparison.Ordinal);

    private static IEnumerable<string?> EventNames(RawClient client) =>
        client.Events.Select(happening => happening.GetProperty("event").GetString());

    private static JsonElement First(RawClient client, string? name) =>
        client.Events.First(happening => happening.GetProperty("event").GetString() == name);

    private static IEnumerable<string> Names(JsonElement list) => list.EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!);

    // What a command takes of ours is among what QEMU's takes, and what must be given there; likewise what it answers.
    private static void RequireSchema(JsonElement ours, JsonElement theirs, string[] commands)
    {
        Dictionary<string, JsonElement> our = ours.EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!);
        Dictionary<string, JsonElement> their = theirs.EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!);
        List<string> strange = [];
        foreach (string command in commands)
        {
            Compare(our, their, our[command].GetProperty("arg-type").GetString()!, their[command].GetProperty("arg-type").GetString()!, command, strange, 0);
            Compare(our, their, our[command].GetProperty("ret-type").GetString()!, their[command].GetProperty("ret-type").GetString()!, $"{command} ->", strange, 0);
        }

        Assert.Equal([], strange);
    }

    private static void Compare(
        Dictionary<string, JsonElement> our, Dictionary<string, JsonElement> their, string ours, string theirs, string where, List<string> strange, int depth)
    {
        JsonElement mine = our[ours];
        JsonElement other = their[theirs];
        string kind = mine.GetProperty("meta-type").GetString()!;
        string otherKind = other.GetProperty("meta-type").GetString()!;
        if (kind == "array" && otherKind == "array")
        {
            Compare(our, their, mine.GetProperty("element-type").GetString()!, other.GetProperty("element-type").GetString()!, $"{where}[]", strange, depth + 1);
        }
        else if (kind == "object" && otherKind == "object" && depth < 8)
        {
            // Members that depend on another's value are in variants there.
            JsonElement[] members =
            [
                .. other.GetProperty("members").EnumerateArray(),
                .. other.TryGetProperty("variants", out JsonElement variants)
                    ? variants.EnumerateArray().SelectMany(variant => their[variant.GetProperty("type").GetString()!].GetProperty("members").EnumerateArray())
                    : [],
            ];
            foreach (JsonElement member in mine.GetProperty("members").EnumerateArray())
            {
                string name = member.GetProperty("name").GetString()!;
                JsonElement[] found = [.. members.Where(candidate => candidate.GetProperty("name").GetString() == name)];
                if (found.Length == 0)
                {
                    strange.Add($"{where}.{name}");
                }
                else if (found.Length == 1)
                {
                    Compare(our, their, member.GetProperty("type").GetString()!, found[0].GetProperty("type").GetString()!, $"{where}.{name}", strange, depth + 1);
                }
            }
        }
        else if (kind != otherKind && !(kind == "builtin" && otherKind is "enum" or "alternate"))
        {
            strange.Add($"{where}: {kind}, not {otherKind}");
        }
    }
}
