using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Documents;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Yaml;

/// <summary>
/// Writes definitions as people would: in the records' order, settings that have their default left out, except for
/// the few a reader looks for. Equal definitions give equal bytes.
/// </summary>
public static class YamlDefinitionWriter
{
    private static readonly string[] AlwaysWritten = ["machine", "cpus", "memory"];

    /// <summary>Writes a definition as text with line feeds.</summary>
    /// <exception cref="DefinitionException">The definition is not valid.</exception>
    public static string Write(VmDefinition definition)
    {
        using var text = new StringWriter { NewLine = "\n" };
        Write(definition, text);
        return text.ToString();
    }

    /// <summary>Writes a definition.</summary>
    /// <exception cref="DefinitionException">The definition is not valid.</exception>
    public static void Write(VmDefinition definition, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        DefinitionValidator.ThrowIfInvalid(definition);
        JsonObject json = JsonSerializer.SerializeToNode(definition, DefinitionShape.Root)!.AsObject();
        WriteMapping(writer, RemoveDefaults(json, DefinitionShape.Root), indentation: 0);
    }

    private static JsonObject RemoveDefaults(JsonObject mapping, JsonTypeInfo type)
    {
        var kept = new JsonObject();
        foreach (JsonPropertyInfo property in type.Properties)
        {
            JsonNode? value = mapping[property.Name];
            JsonTypeInfo propertyType = DefinitionShape.TypeOf(property);
            if (value is JsonObject inner && DefinitionShape.KindOf(propertyType) == ValueKind.Mapping)
            {
                value = RemoveDefaults(inner, propertyType);
            }
            else if (value is JsonArray list)
            {
                JsonTypeInfo itemType = DefinitionShape.ItemOf(propertyType);
                value = new JsonArray([.. list.Select(item => RemoveDefaults(item!.AsObject(), itemType))]);
            }

            // Empty and not there differ where not there is the default: 'vsock: {}' asks for one.
            JsonNode? @default = property.IsRequired ? null : DefinitionDefaults.For(type.Type, property.Name);
            bool isEmpty = value is null or JsonArray { Count: 0 } || (value is JsonObject { Count: 0 } && @default is not null);
            bool isWritten = property.IsRequired || AlwaysWritten.Contains(property.Name)
                || (!isEmpty && !JsonNode.DeepEquals(value, @default));
            if (isWritten)
            {
                kept[property.Name] = value?.DeepClone();
            }
        }

        return kept;
    }

    private static void WriteMapping(TextWriter writer, JsonObject mapping, int indentation)
    {
        foreach ((string key, JsonNode? value) in mapping)
        {
            writer.Write(new string(' ', indentation));
            WriteEntry(writer, key, value, indentation);
        }
    }

    private static void WriteEntry(TextWriter writer, string key, JsonNode? value, int indentation)
    {
        writer.Write(YamlText.Write(key));
        writer.Write(':');
        switch (value)
        {
            case JsonObject { Count: 0 }:
                writer.WriteLine(" {}");
                break;
            case JsonObject inner:
                writer.WriteLine();
                WriteMapping(writer, inner, indentation + 2);
                break;
            case JsonArray list:
                writer.WriteLine();
                WriteList(writer, list, indentation + 2);
                break;
            default:
                writer.Write(' ');
                writer.WriteLine(WriteScalar(value!));
                break;
        }
    }

    // An item is a mapping whose first key, its name, stands behind the dash.
    private static void WriteList(TextWriter writer, JsonArray list, int indentation)
    {
        foreach (JsonNode? item in list)
        {
            string lead = new string(' ', indentation) + "- ";
            foreach ((string key, JsonNode? value) in item!.AsObject())
            {
                writer.Write(lead);
                WriteEntry(writer, key, value, indentation + 2);
                lead = new string(' ', indentation + 2);
            }
        }
    }

    private static string WriteScalar(JsonNode value) =>
        value.GetValueKind() == JsonValueKind.String ? YamlText.Write(value.GetValue<string>()) : value.ToJsonString();
}
