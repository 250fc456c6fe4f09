using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using StratoVirt.Definitions.Documents;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Schema;

/// <summary>
/// The JSON Schema (draft 2020-12) of definitions, for editors that complete and check YAML while it is typed. It is
/// derived from the records; rules that a schema cannot express are left to <see cref="DefinitionValidator"/>.
/// </summary>
public static class DefinitionSchema
{
    /// <summary>Name of the schema's file.</summary>
    public const string FileName = "stratovirt.v1.schema.json";

    /// <summary>A count and a unit, as <see cref="ByteSize.TryParse"/> takes it.</summary>
    private const string SizePattern = "^(0|[1-9][0-9]*) *([KkMmGgTt]([Ii]?[Bb])?|[Bb])?$";

    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the schema as UTF-8, indented, with a line feed at the end.</summary>
    public static void Write(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using (var writer = new Utf8JsonWriter(destination, Indented))
        {
            Create().WriteTo(writer);
        }

        destination.WriteByte((byte)'\n');
    }

    private static JsonObject Create()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:stratovirt:{FileName}",
            ["title"] = "StratoVirt virtual machine",
            ["description"] = "Definition of one virtual machine.",
        };
        foreach ((string key, JsonNode? value) in DescribeMapping(DefinitionShape.Root, string.Empty).ToArray())
        {
            schema[key] = value?.DeepClone();
        }

        return schema;
    }

    private static JsonObject DescribeMapping(JsonTypeInfo type, string prefix)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (JsonPropertyInfo property in type.Properties)
        {
            properties[property.Name] = Describe(type, property, prefix + property.Name);
            if (property.IsRequired)
            {
                // As a node: the generic overload would serialise whatever it is given, which AOT cannot.
                required.Add((JsonNode)property.Name);
            }
        }

        var mapping = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
        if (required.Count > 0)
        {
            mapping["required"] = required;
        }

        mapping["properties"] = properties;
        if (type.Type == typeof(BootSpec))
        {
            mapping["oneOf"] = JsonNode.Parse(
                """
                [
                  {
                    "required": ["kernel"],
                    "properties": { "kernel": { "type": "string" }, "builtIn": { "enum": [false, "off"] } }
                  },
                  {
                    "required": ["builtIn"],
                    "properties": { "builtIn": { "enum": [true, "on"] }, "kernel": { "type": "null" }, "initrd": { "type": "null" } }
                  }
                ]
                """);
        }

        return mapping;
    }

    private static JsonObject Describe(JsonTypeInfo owner, JsonPropertyInfo property, string path)
    {
        KeyFacts facts = KeyFacts.ByPath[path];
        JsonTypeInfo type = DefinitionShape.TypeOf(property);
        var schema = new JsonObject { ["description"] = facts.Description };
        JsonObject shape = DefinitionShape.KindOf(type) switch
        {
            ValueKind.Mapping => DescribeMapping(type, path + "."),
            ValueKind.Labels => DescribeLabels(),
            ValueKind.List => new JsonObject
            {
                ["type"] = "array",
                ["items"] = DescribeMapping(DefinitionShape.ItemOf(type), path + "[]."),
            },
            // Plain on and off are booleans to this reader and text to YAML 1.2.
            ValueKind.Boolean => new JsonObject { ["enum"] = new JsonArray(true, false, "on", "off") },
            ValueKind.Integer => new JsonObject { ["type"] = "integer" },
            ValueKind.Size => new JsonObject
            {
                ["type"] = new JsonArray("string", "integer"),
                ["pattern"] = SizePattern,
                ["minimum"] = 0,
            },
            ValueKind.Word => new JsonObject
            {
                ["enum"] = new JsonArray([.. DefinitionShape.WordsOf(type).Select(w => JsonValue.Create(w))]),
            },
            _ when property.IsSetNullable => new JsonObject { ["type"] = new JsonArray("string", "null") },
            _ => new JsonObject { ["type"] = "string" },
        };
        foreach ((string key, JsonNode? value) in shape)
        {
            schema[key] = value?.DeepClone();
        }

        AddFacts(schema, facts);
        bool hasDefault = !property.IsRequired && DefinitionShape.KindOf(type) is not (ValueKind.Mapping or ValueKind.Labels or ValueKind.List);
        if (hasDefault && DefinitionDefaults.For(owner.Type, property.Name) is JsonNode @default)
        {
            schema["default"] = @default;
        }

        return schema;
    }

    private static void AddFacts(JsonObject schema, KeyFacts facts)
    {
        if (facts.Const is string only)
        {
            schema["const"] = only;
        }

        if (facts.Pattern is string pattern)
        {
            schema["pattern"] = pattern;
        }

        if (facts.Minimum is int minimum)
        {
            schema["minimum"] = minimum;
        }

        if (facts.Maximum is int maximum)
        {
            schema["maximum"] = maximum;
        }

        if (facts.MinLength is int minLength)
        {
            schema["minLength"] = minLength;
        }

        if (facts.MaxLength is int maxLength)
        {
            schema["maxLength"] = maxLength;
        }
    }

    private static JsonObject DescribeLabels() => new()
    {
        ["type"] = "object",
        ["maxProperties"] = DefinitionLimits.MaxLabels,
        ["propertyNames"] = new JsonObject { ["pattern"] = DefinitionLimits.LabelKeyPattern },
        ["additionalProperties"] = new JsonObject { ["type"] = "string", ["maxLength"] = DefinitionLimits.MaxLabelValue },
    };
}
