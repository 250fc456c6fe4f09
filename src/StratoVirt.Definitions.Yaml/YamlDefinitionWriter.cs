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

            bool isEmpty = value is null or JsonObject { Count: 0 };
            bool isWritten = property.IsRequired || AlwaysWritten.Contains(property.Name)
                || (!isEmpty && !JsonNode.DeepEquals(value, DefinitionDefaults.For(type.Type, property.Name)));
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
            writer.Write(YamlText.Write(key));
            writer.Write(':');
            if (value is JsonObject inner)
            {
                writer.WriteLine();
                WriteMapping(writer, inner, indentation + 2);
            }
            else
            {
                writer.Write(' ');
                writer.WriteLine(WriteScalar(value!));
            }
        }
    }

    private static string WriteScalar(JsonNode value) =>
        value.GetValueKind() == JsonValueKind.String ? YamlText.Write(value.GetValue<string>()) : value.ToJsonString();
}
