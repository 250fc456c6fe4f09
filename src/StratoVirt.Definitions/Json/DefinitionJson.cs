using System.Buffers;
using System.Text;
using System.Text.Json;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Documents;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Json;

/// <summary>A definition as JSON: what the host process is handed, and what <c>ConvertTo-Json</c> users expect.</summary>
public static class DefinitionJson
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Writes a definition, every setting included, whatever its default.</summary>
    /// <exception cref="DefinitionException">The definition is not valid.</exception>
    public static string Serialize(VmDefinition definition)
    {
        DefinitionValidator.ThrowIfInvalid(definition);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            ResolvedDefinitionWriter.Write(json, definition);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a definition and checks it. Settings left out take their defaults; comments and trailing commas
    /// are errors, as in JSON (RFC 8259).</summary>
    /// <param name="json">The document.</param>
    /// <param name="fileName">Its name, for messages.</param>
    /// <param name="onWarning">Is handed what is probably not meant, but can be used.</param>
    /// <exception cref="DefinitionException">The document is not a valid definition.</exception>
    public static VmDefinition Deserialize(string json, string? fileName = null, Action<Diagnostic>? onWarning = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        // A lone surrogate becomes U+FFFD here, which the document's own rules then judge.
        return Deserialize(Encoding.UTF8.GetBytes(json), fileName, onWarning);
    }

    /// <summary>Reads a definition from UTF-8 and checks it.</summary>
    /// <param name="utf8Json">The document, with or without a byte order mark.</param>
    /// <param name="fileName">Its name, for messages.</param>
    /// <param name="onWarning">Is handed what is probably not meant, but can be used.</param>
    /// <exception cref="DefinitionException">The document is not a valid definition.</exception>
    public static VmDefinition Deserialize(
        ReadOnlySpan<byte> utf8Json, string? fileName = null, Action<Diagnostic>? onWarning = null)
    {
        string text = DocumentText.Decode(utf8Json, fileName);
        DocumentNode root = JsonDocumentReader.Read(Encoding.UTF8.GetBytes(text), fileName);
        return DefinitionBinder.Bind(root, fileName, onWarning);
    }
}
