using System.Text.Json;
using System.Text.Json.Nodes;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Json;

/// <summary>A single device as JSON, with a word for its kind: what processes hand each other.</summary>
public static class DeviceJson
{
    /// <summary>The word for a device's kind.</summary>
    public static string KindOf(DeviceSpec device) => Find(device).Kind;

    /// <summary>A device's settings, defaults included.</summary>
    public static JsonElement Serialize(DeviceSpec device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return JsonSerializer.SerializeToElement(device, DefinitionJsonContext.Default.GetTypeInfo(device.GetType())!);
    }

    /// <summary>Reads a device and checks it by the rules of definitions, alone on a machine otherwise like the given
    /// one. Settings left out take their defaults.</summary>
    /// <param name="kind">The word for its kind.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="machine">Whose rate groups it may name, and whose settings it has to go with.</param>
    /// <exception cref="DefinitionException">It is no device a machine can have.</exception>
    public static DeviceSpec Deserialize(string kind, JsonElement settings, VmDefinition machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        (string _, string key, bool isList) = Array.Find(Kinds, known => known.Kind == kind) is { Kind: not null } found
            ? found
            : throw Unfit($"There is no kind of device '{kind}'. There are: {string.Join(", ", Kinds.Select(known => known.Kind))}.");
        if (settings.ValueKind != JsonValueKind.Object)
        {
            throw Unfit("A device's settings are an object.");
        }

        JsonNode document = JsonNode.Parse(DefinitionJson.Serialize(Alone(machine)))!;
        JsonNode device = JsonNode.Parse(settings.GetRawText())!;
        document["spec"]![key] = isList ? new JsonArray(device) : device;
        string text;
        try
        {
            text = document.ToJsonString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which only writing it finds.
            throw Unfit("A device's settings hold something that is not valid Unicode.");
        }

        return DefinitionJson.Deserialize(text).Spec.ListDevices().Single();
    }

    /// <summary>Checks a device by the rules of definitions, alone on a machine otherwise like the given one.</summary>
    /// <exception cref="DefinitionException">It is no device a machine can have.</exception>
    public static void Check(DeviceSpec device, VmDefinition machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        VmDefinition alone = Alone(machine);
        Validation.DefinitionValidator.ThrowIfInvalid(alone with { Spec = alone.Spec.WithDevice(device) });
    }

    private static readonly (string Kind, string Key, bool IsList)[] Kinds =
    [
        ("disk", "disks", true),
        ("network", "networks", true),
        ("port", "ports", true),
        ("share", "shares", true),
        ("persistent-memory", "persistentMemory", true),
        ("memory", "memoryDevices", true),
        ("entropy", "entropy", false),
        ("balloon", "balloon", false),
        ("vsock", "vsock", false),
    ];

    private static (string Kind, string Key, bool IsList) Find(DeviceSpec device) => Kinds[device switch
    {
        DiskSpec => 0,
        NetworkSpec => 1,
        ConsolePortSpec => 2,
        ShareSpec => 3,
        PersistentMemorySpec => 4,
        MemoryDeviceSpec => 5,
        EntropySpec => 6,
        BalloonSpec => 7,
        VsockSpec => 8,
        _ => throw new ArgumentException($"{device?.GetType().Name} is no device of a machine.", nameof(device)),
    }];

    private static VmDefinition Alone(VmDefinition machine) => machine with
    {
        Spec = machine.Spec with
        {
            Disks = [],
            Networks = [],
            Ports = [],
            Shares = [],
            PersistentMemory = [],
            MemoryDevices = [],
            Entropy = null,
            Balloon = null,
            Vsock = null,
        },
    };

    private static DefinitionException Unfit(string message) =>
        new([new Diagnostic(DiagnosticId.WrongType, DiagnosticSeverity.Error, "$", message)], null);
}
