using System.Collections.Immutable;
using System.Text.Json;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Json;

/// <summary>
/// Reads a definition that <see cref="DefinitionJson.Serialize"/> wrote, in a process that is to stay small: the
/// serializer's metadata would be a third of it. It knows each record by hand, and a test holds it against them. What it
/// reads is one program's word to another: what it does not expect ends the reading, with no advice for a writer.
/// </summary>
public static partial class ResolvedDefinitionReader
{
    private delegate T Item<T>(ref Utf8JsonReader json);

    /// <summary>Reads a definition and checks it.</summary>
    /// <param name="json">Before the definition; left on its closing brace.</param>
    /// <exception cref="JsonException">It is no definition.</exception>
    /// <exception cref="Diagnostics.DefinitionException">It breaks a rule.</exception>
    public static VmDefinition Read(ref Utf8JsonReader json)
    {
        var definition = new VmDefinition { Metadata = null!, Spec = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            definition = member switch
            {
                "apiVersion" => definition with { ApiVersion = Text(ref json) },
                "kind" => definition with { Kind = Text(ref json) },
                "metadata" => definition with { Metadata = Metadata(ref json) },
                "spec" => definition with { Spec = Spec(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(definition.Metadata, "metadata");
        Require(definition.Spec, "spec");
        DefinitionValidator.ThrowIfInvalid(definition);
        return definition;
    }

    private static VmMetadata Metadata(ref Utf8JsonReader json)
    {
        var metadata = new VmMetadata { Name = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            metadata = member switch
            {
                "name" => metadata with { Name = Text(ref json) },
                "labels" => metadata with { Labels = Labels(ref json) },
                _ => throw Unknown(member),
            };
        }

        Require(metadata.Name, "name");
        return metadata;
    }

    private static ImmutableSortedDictionary<string, string> Labels(ref Utf8JsonReader json)
    {
        ImmutableSortedDictionary<string, string> labels = VmMetadata.NoLabels;
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            labels = labels.SetItem(member, Text(ref json));
        }

        return labels;
    }

    private static VmSpec Spec(ref Utf8JsonReader json)
    {
        var spec = new VmSpec { Boot = null! };
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            spec = member switch
            {
                "state" => spec with { State = Wanted(ref json) },
                "machine" => spec with { Machine = Model(ref json) },
                "cpus" => spec with { Cpus = Number(ref json) },
                "memory" => spec with { Memory = Size(ref json) },
                "acpi" => spec with { Acpi = Switch(ref json) },
                "polling" => spec with { Polling = Number(ref json) },
                "boot" => spec with { Boot = Boot(ref json) },
                "console" => spec with { Console = Console(ref json) },
                "disks" => spec with { Disks = List(ref json, Disk) },
                "networks" => spec with { Networks = List(ref json, Network) },
                "ports" => spec with { Ports = List(ref json, Port) },
                "shares" => spec with { Shares = List(ref json, Share) },
                "persistentMemory" => spec with { PersistentMemory = List(ref json, PersistentMemory) },
                "memoryDevices" => spec with { MemoryDevices = List(ref json, MemoryDevice) },
                "entropy" => spec with { Entropy = Entropy(ref json) },
                "balloon" => spec with { Balloon = Balloon(ref json) },
                "vsock" => spec with { Vsock = Vsock(ref json) },
                "rateGroups" => spec with { RateGroups = List(ref json, RateGroup) },
                _ => throw Unknown(member),
            };
        }

        Require(spec.Boot, "boot");
        return spec;
    }

    private static BootSpec Boot(ref Utf8JsonReader json)
    {
        var boot = new BootSpec();
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            boot = member switch
            {
                "kernel" => boot with { Kernel = Text(ref json) },
                "initrd" => boot with { Initrd = Text(ref json) },
                "commandLine" => boot with { CommandLine = Text(ref json) },
                "builtIn" => boot with { BuiltIn = Switch(ref json) },
                _ => throw Unknown(member),
            };
        }

        return boot;
    }

    private static ConsoleSpec Console(ref Utf8JsonReader json)
    {
        var console = new ConsoleSpec();
        Open(ref json);
        while (NextMember(ref json) is { } member)
        {
            console = member switch
            {
                "history" => console with { History = Size(ref json) },
                "log" => console with { Log = Switch(ref json) },
                "logLimit" => console with { LogLimit = Size(ref json) },
                _ => throw Unknown(member),
            };
        }

        return console;
    }

    private static WantedState Wanted(ref Utf8JsonReader json) => Text(ref json) switch
    {
        "present" => WantedState.Present,
        "running" => WantedState.Running,
        "stopped" => WantedState.Stopped,
        "absent" => WantedState.Absent,
        string other => throw Unknown(other),
    };

    private static MachineModel Model(ref Utf8JsonReader json) => Text(ref json) switch
    {
        "microvm" => MachineModel.MicroVm,
        string other => throw Unknown(other),
    };

    private static List<T> List<T>(ref Utf8JsonReader json, Item<T> read)
        where T : class
    {
        Expect(ref json, JsonTokenType.StartArray);
        var items = new List<T>();
        while (!IsAtEnd(json))
        {
            items.Add(read(ref json));
        }

        Expect(ref json, JsonTokenType.EndArray);
        return items;
    }

    // Looks ahead on a copy: the reader is a structure.
    private static bool IsAtEnd(Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.EndArray;

    private static void Open(ref Utf8JsonReader json) => Expect(ref json, JsonTokenType.StartObject);

    // Null at the end of the object.
    private static string? NextMember(ref Utf8JsonReader json)
    {
        _ = json.Read();
        return json.TokenType switch
        {
            JsonTokenType.PropertyName => json.GetString(),
            JsonTokenType.EndObject => null,
            _ => throw Unfit("a member was to come here."),
        };
    }

    private static string Text(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.String);
        return json.GetString()!;
    }

    private static bool Switch(ref Utf8JsonReader json)
    {
        _ = json.Read();
        return json.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw Unfit("a switch is true or false."),
        };
    }

    private static int Number(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.Number);
        return json.TryGetInt32(out int number) ? number : throw Unfit("a number is an integer of 32 bits.");
    }

    private static ByteSize Size(ref Utf8JsonReader json) =>
        ByteSize.TryParse(Text(ref json), out ByteSize size) ? size : throw Unfit("a size is a number and a unit, as \"512MiB\".");

    private static void Expect(ref Utf8JsonReader json, JsonTokenType expected)
    {
        if (!json.Read() || json.TokenType != expected)
        {
            throw Unfit($"{expected} was to come here, not {json.TokenType}.");
        }
    }

    private static void Require(object? setting, string name)
    {
        if (setting is null)
        {
            throw new UnfitJsonException(DiagnosticId.MissingKey, $"'{name}' is missing.");
        }
    }

    private static UnfitJsonException Unfit(string message) => new(DiagnosticId.WrongType, message);

    private static UnfitJsonException Unknown(string word) => new(DiagnosticId.UnknownKey, $"'{word}' means nothing here.");
}
