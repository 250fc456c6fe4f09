using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Json;

/// <summary>A single device as JSON, with a word for its kind: what processes hand each other.</summary>
public static class DeviceJson
{
    /// <summary>The word for a device's kind.</summary>
    public static string KindOf(DeviceSpec device) => device switch
    {
        DiskSpec => "disk",
        NetworkSpec => "network",
        ConsolePortSpec => "port",
        ShareSpec => "share",
        PersistentMemorySpec => "persistent-memory",
        MemoryDeviceSpec => "memory",
        EntropySpec => "entropy",
        BalloonSpec => "balloon",
        VsockSpec => "vsock",
        _ => throw new ArgumentException($"{device?.GetType().Name} is no device of a machine.", nameof(device)),
    };

    /// <summary>A device's settings, defaults included.</summary>
    public static JsonElement Serialize(DeviceSpec device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            ResolvedDefinitionWriter.Write(json, device);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
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
        if (settings.ValueKind != JsonValueKind.Object)
        {
            throw Unfit(DiagnosticId.WrongType, "A device's settings are an object.");
        }

        DeviceSpec device;
        try
        {
            var json = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(settings));
            device = ResolvedDefinitionReader.ReadDevice(kind, ref json);
        }
        catch (UnfitJsonException unfit)
        {
            throw Unfit(unfit.Id, $"A device of kind '{kind}': {unfit.Message}");
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which only reading the text finds.
            throw Unfit(DiagnosticId.InvalidCharacter, "A device's settings hold something that is not valid Unicode.");
        }

        Check(device, machine);
        return device;
    }

    /// <summary>Checks a device by the rules of definitions, alone on a machine otherwise like the given one.</summary>
    /// <exception cref="DefinitionException">It is no device a machine can have.</exception>
    public static void Check(DeviceSpec device, VmDefinition machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        VmDefinition alone = Alone(machine);
        Validation.DefinitionValidator.ThrowIfInvalid(alone with { Spec = alone.Spec.WithDevice(device) });
    }

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

    private static DefinitionException Unfit(DiagnosticId id, string message) =>
        new([new Diagnostic(id, DiagnosticSeverity.Error, "$", message)], null);
}
