using System.Text.Json;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Framing;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.Fuzz;

/// <summary>Any bytes, as a client sends them to a server and as a server sends them to a client: each side answers or
/// refuses, says nothing but JSON, holds a bounded amount of memory and takes all input in the end.</summary>
internal static class QmpTarget
{
    internal static FuzzTarget Target { get; } = new("qmp", Seeds, input => Run(input));

    private static IEnumerable<byte[]> Seeds() =>
    [
        """
        {"execute":"qmp_capabilities"}{'execute':'query-version','id':'a'}
        {"execute":"device_add","arguments":{"driver":"virtio-blk-pci","id":"d","drive":"n","num-queues":2},"id":[1,{"b":null}]}
        {"execute":"blockdev-add","arguments":{"node-name":"n","driver":"raw","file":{"driver":"file","filename":"/x"},"cache":{"direct":true}}}
        {"execute":"chardev-add","arguments":{"id":"c","backend":{"type":"socket","data":{"addr":{"type":"unix","data":{"path":"s"}}}}}}
        {"execute":"query-qmp-schema"}
        """u8.ToArray(),
        """
        {"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}
        {"return": {}, "id": 0}
        {"timestamp": {"seconds": 1795827325, "microseconds": 663849}, "event": "RESET", "data": {"guest": false}}
        {"id": 1, "error": {"class": "CommandNotFound", "desc": "The command nope has not been found"}}
        """u8.ToArray(),
    ];

    private static void Run(ReadOnlySpan<byte> input)
    {
        Serve(input);
        Listen(input);
    }

    private static void Serve(ReadOnlySpan<byte> input)
    {
        var version = new VersionInfo { Package = "fuzz", Qemu = new QmpVersionTriple { Major = 7, Minor = 2, Micro = 0 } };
        var table = new QmpCommandTable(version, _ => null);
        table.Add(DeviceCommands.DeviceAdd, Nothing);
        table.Add(BlockCommands.BlockdevAdd, options =>
        {
            _ = options.File is { ValueKind: JsonValueKind.Object } file ? BlockdevOptions.ReadNested(file) : null;
            return QmpNothing.Instance;
        });
        table.Add(BlockCommands.BlockSetIoThrottle, Nothing);
        table.Add(NetworkCommands.NetdevAdd, Nothing);
        table.Add(CharacterCommands.ChardevAdd, Nothing);
        table.Add(VendorCommands.ConsoleWrite, arguments => new ConsoleInput { Taken = arguments.Data.Length, Written = 0 });
        table.Add(VendorCommands.DeviceAdd, Nothing);
        var session = new QmpServerSession(table, mistake => throw new InvalidOperationException("A handler failed in a way nobody expects.", mistake));
        while (!input.IsEmpty)
        {
            int taken = session.Receive(input);
            input = input[taken..];
            if (taken == 0 && session.IsReady)
            {
                throw new InvalidOperationException("The session is ready and takes nothing.");
            }

            if (session.Memory > QmpLimits.MaxCommand + (4 * QmpLimits.MaxUnread))
            {
                throw new InvalidOperationException($"The session holds {session.Memory} bytes.");
            }

            RequireMessages(session.Output.Unsent);
            session.Output.Sent(session.Output.Length);
        }
    }

    private static QmpNothing Nothing<T>(T arguments) => QmpNothing.Instance;

    private static void RequireMessages(ReadOnlySpan<byte> output)
    {
        while (!output.IsEmpty)
        {
            int end = output.IndexOf("\r\n"u8);
            using JsonDocument message = JsonDocument.Parse(output[..end].ToArray());
            output = output[(end + 2)..];
        }
    }

    private static void Listen(ReadOnlySpan<byte> input)
    {
        var session = new QmpClientSession();
        try
        {
            session.Receive(input);
            while (session.TryTake(out _))
            {
            }
        }
        catch (Exception refused) when (refused is InvalidDataException or QmpException)
        {
        }
    }
}
