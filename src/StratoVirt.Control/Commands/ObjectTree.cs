using System.Globalization;
using System.Text.Json;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Json;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>The machine as a tree of objects, after QEMU's: the machine, its devices below <c>peripheral</c>, its vCPUs
/// below <c>unattached</c>.</summary>
internal static class ObjectTree
{
    /// <summary>The type of vCPUs.</summary>
    public const string CpuType = "host-x86_64-cpu";

    private const string Machine = "/machine";
    private const string Peripheral = Machine + "/peripheral";
    private const string Unattached = Machine + "/unattached";

    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        table.Add(DeviceCommands.QomList, arguments => Listing.Of(Find(context, arguments.Path), member => new ObjectPropertyInfo
        {
            Name = member.Name,
            Type = member.Type,
        }));
        table.Add(DeviceCommands.QomGet, arguments => Get(context, arguments));
    }

    /// <summary>Where a device is.</summary>
    public static string PathOf(VmDevice device) => PathOf(device.Name);

    /// <summary>Where a device of a name is.</summary>
    public static string PathOf(string device) => $"{Peripheral}/{device}";

    /// <summary>Where a vCPU is.</summary>
    public static string CpuPath(int index) => string.Create(CultureInfo.InvariantCulture, $"{Unattached}/device[{index}]");

    private static JsonElement Get(ControlContext context, QomGetArguments arguments)
    {
        List<Member> members = Find(context, arguments.Path);
        return members.Find(member => member.Name == arguments.Property)?.Value
            ?? throw QmpException.Generic($"Property '{members[0].Value.GetString()}.{arguments.Property}' not found");
    }

    private static List<Member> Find(ControlContext context, string path)
    {
        string plain = path.Length > 1 ? path.TrimEnd('/') : path;
        switch (plain)
        {
            case "/":
                return [Type("container"), Child("machine", "microvm-machine", Machine)];
            case Machine:
                return [Type("microvm-machine"), Child("peripheral", "container", Peripheral), Child("unattached", "container", Unattached)];
            case Peripheral:
                return [Type("container"), .. Listing.Of(context.Machine.Devices, device => Child(device.Name, TypeOf(device), PathOf(device)))];
            case Unattached:
                var places = new List<Member> { Type("container") };
                for (int index = 0; index < context.Machine.VcpuThreads.Count; index++)
                {
                    places.Add(Child($"device[{index}]", CpuType, CpuPath(index)));
                }

                return places;
        }

        IReadOnlyList<int> threads = context.Machine.VcpuThreads;
        for (int index = 0; index < threads.Count; index++)
        {
            if (plain == CpuPath(index))
            {
                return [Type(CpuType), new Member("thread-id", "int", JsonValues.Number(threads[index]))];
            }
        }

        return plain.StartsWith(Peripheral + "/", StringComparison.Ordinal) && context.FindDevice(plain[(Peripheral.Length + 1)..]) is { } found
            ? Describe(found)
            : throw QmpException.NoDevice(path);
    }

    private static List<Member> Describe(VmDevice device)
    {
        var members = new List<Member>
        {
            Type(TypeOf(device)),
            new("id", "string", JsonValues.Text(device.Name)),
            new("address", "string", JsonValues.Text(device.Address)),
        };
        foreach (JsonProperty setting in DeviceJson.Serialize(device.Spec).EnumerateObject())
        {
            if (setting.Name != "name")
            {
                members.Add(new Member(setting.Name, TypeOf(setting.Value), setting.Value));
            }
        }

        return members;
    }

    private static string TypeOf(VmDevice device) => device.Spec is ConsolePortSpec
        ? DriverModels.BaseOf(device.Spec)
        : DriverModels.BaseOf(device.Spec) + (device.Bus == VmDeviceBus.VirtioPci ? "-pci" : "-device");

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Number => "int",
        JsonValueKind.String => "string",
        _ => "struct",
    };

    private static Member Type(string name) => new("type", "string", JsonValues.Text(name));

    private static Member Child(string name, string type, string path) => new(name, $"child<{type}>", JsonValues.Text(path));

    private sealed class Member(string name, string type, JsonElement value)
    {
        public string Name => name;

        public string Type => type;

        public JsonElement Value => value;
    }
}
