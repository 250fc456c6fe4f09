using System.Text.Json;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.Definitions.Json;

/// <summary>
/// Writes a definition, by hand as <see cref="ResolvedDefinitionReader"/> reads it and for the same reason. The form is
/// that of <see cref="DefinitionJsonContext"/>, which a test holds it to: every setting, but those that are null.
/// </summary>
internal static partial class ResolvedDefinitionWriter
{
    /// <summary>Writes a definition that is valid.</summary>
    public static void Write(Utf8JsonWriter json, VmDefinition definition)
    {
        json.WriteStartObject();
        json.WriteString("apiVersion"u8, definition.ApiVersion);
        json.WriteString("kind"u8, definition.Kind);
        json.WriteStartObject("metadata"u8);
        json.WriteString("name"u8, definition.Metadata.Name);
        json.WriteStartObject("labels"u8);
        foreach ((string key, string text) in definition.Metadata.Labels)
        {
            json.WriteString(key, text);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("spec"u8);
        Write(json, definition.Spec);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, VmSpec spec)
    {
        json.WriteString("state"u8, WordOf(spec.State));
        json.WriteString("machine"u8, "microvm"u8);
        json.WriteNumber("cpus"u8, spec.Cpus);
        Size(json, "memory"u8, spec.Memory);
        json.WriteBoolean("acpi"u8, spec.Acpi);
        json.WriteNumber("polling"u8, spec.Polling);
        json.WriteStartObject("boot"u8);
        Text(json, "kernel"u8, spec.Boot.Kernel);
        Text(json, "initrd"u8, spec.Boot.Initrd);
        Text(json, "commandLine"u8, spec.Boot.CommandLine);
        json.WriteBoolean("builtIn"u8, spec.Boot.BuiltIn);
        json.WriteEndObject();
        json.WriteStartObject("console"u8);
        Size(json, "history"u8, spec.Console.History);
        json.WriteBoolean("log"u8, spec.Console.Log);
        Size(json, "logLimit"u8, spec.Console.LogLimit);
        json.WriteEndObject();
        List(json, "disks"u8, spec.Disks);
        List(json, "networks"u8, spec.Networks);
        List(json, "ports"u8, spec.Ports);
        List(json, "shares"u8, spec.Shares);
        List(json, "persistentMemory"u8, spec.PersistentMemory);
        List(json, "memoryDevices"u8, spec.MemoryDevices);
        Single(json, "entropy"u8, spec.Entropy);
        Single(json, "balloon"u8, spec.Balloon);
        Single(json, "vsock"u8, spec.Vsock);
        json.WriteStartArray("rateGroups"u8);
        foreach (RateGroupSpec group in spec.RateGroups)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, group.Name);
            Limit(json, "limit"u8, group.Limit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string WordOf(WantedState state) => state switch
    {
        WantedState.Present => "present",
        WantedState.Running => "running",
        WantedState.Stopped => "stopped",
        _ => "absent",
    };

    private static void List(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<DeviceSpec> devices)
    {
        json.WriteStartArray(name);
        foreach (DeviceSpec device in devices)
        {
            Write(json, device);
        }

        json.WriteEndArray();
    }

    private static void Single(Utf8JsonWriter json, ReadOnlySpan<byte> name, DeviceSpec? device)
    {
        if (device is not null)
        {
            json.WritePropertyName(name);
            Write(json, device);
        }
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
    }

    private static void Size(Utf8JsonWriter json, ReadOnlySpan<byte> name, ByteSize? size)
    {
        if (size is { } value)
        {
            json.WriteString(name, value.ToString());
        }
    }
}
