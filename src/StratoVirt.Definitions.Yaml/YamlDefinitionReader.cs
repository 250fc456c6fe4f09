using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Documents;
using YamlDotNet.Core;

namespace StratoVirt.Definitions.Yaml;

/// <summary>
/// Reads the YAML document of a machine. Documents are hostile: their size, alphabet and depth are bounded before and
/// while they are parsed, and anchors, aliases, tags and merge keys are refused, so that what is read is what is seen.
/// </summary>
public static class YamlDefinitionReader
{
    /// <summary>Reads a file. Relative paths in it are left as they are.</summary>
    /// <exception cref="DefinitionException">It holds no valid definition.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static VmDefinition ReadFile(string path, Action<Diagnostic>? onWarning = null) =>
        Read(ReadBytes(path), path, onWarning);

    /// <summary>Reads a file of one document or several, separated by <c>---</c>.</summary>
    /// <returns>The definitions in the order of the file, at least one, with the lines their documents begin on.</returns>
    /// <exception cref="DefinitionException">Something in it is no valid definition; what is wrong with each is in it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static IReadOnlyList<(VmDefinition Definition, int Line)> ReadAllFile(string path, Action<Diagnostic>? onWarning = null) =>
        ParseAll(DocumentText.Decode(ReadBytes(path), path), path, onWarning);

    /// <summary>Reads text of one document or several, separated by <c>---</c>.</summary>
    /// <inheritdoc cref="ReadAllFile"/>
    public static IReadOnlyList<(VmDefinition Definition, int Line)> ReadAll(
        string text, string? fileName, Action<Diagnostic>? onWarning = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ParseAll(DocumentText.Check(text, fileName), fileName, onWarning);
    }

    /// <summary>Reads UTF-8, with or without a byte order mark.</summary>
    /// <param name="utf8">The document.</param>
    /// <param name="fileName">Its name, for messages.</param>
    /// <param name="onWarning">Is handed what is probably not meant, but can be used.</param>
    /// <exception cref="DefinitionException">It is not a valid definition.</exception>
    public static VmDefinition Read(ReadOnlySpan<byte> utf8, string? fileName, Action<Diagnostic>? onWarning = null) =>
        Parse(DocumentText.Decode(utf8, fileName), fileName, onWarning);

    /// <summary>Reads text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="fileName">Its name, for messages.</param>
    /// <param name="onWarning">Is handed what is probably not meant, but can be used.</param>
    /// <exception cref="DefinitionException">It is not a valid definition.</exception>
    public static VmDefinition Read(string text, string? fileName, Action<Diagnostic>? onWarning = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(DocumentText.Check(text, fileName), fileName, onWarning);
    }

    /// <summary>Reads text, no more of it than a definition can have.</summary>
    /// <param name="reader">The document.</param>
    /// <param name="fileName">Its name, for messages.</param>
    /// <param name="onWarning">Is handed what is probably not meant, but can be used.</param>
    /// <exception cref="DefinitionException">It is not a valid definition.</exception>
    public static VmDefinition Read(TextReader reader, string? fileName, Action<Diagnostic>? onWarning = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        char[] content = new char[DocumentText.MaxLength + 1];
        int length = reader.ReadBlock(content);
        return Read(new string(content, 0, length), fileName, onWarning);
    }

    private static ReadOnlySpan<byte> ReadBytes(string path)
    {
        using FileStream file = File.OpenRead(path);
        // One byte more than allowed tells that there is more; a device or a growing file never ends.
        byte[] content = new byte[DocumentText.MaxLength + 1];
        int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return content.AsSpan(0, length);
    }

    private static List<(VmDefinition Definition, int Line)> ParseAll(string text, string? fileName, Action<Diagnostic>? onWarning)
    {
        var definitions = new List<(VmDefinition, int)>();
        var faults = new List<Diagnostic>();
        foreach (DocumentNode root in Guarded(() => YamlDocumentReader.ReadAll(text, fileName), text, fileName))
        {
            try
            {
                definitions.Add((DefinitionBinder.Bind(root, fileName, onWarning), root.Line));
            }
            catch (DefinitionException fault)
            {
                faults.AddRange(fault.Diagnostics);
            }
        }

        return faults.Count == 0 ? definitions : throw new DefinitionException([.. faults], fileName);
    }

    private static VmDefinition Parse(string text, string? fileName, Action<Diagnostic>? onWarning)
    {
        DocumentNode root = Guarded(() => YamlDocumentReader.Read(text, fileName), text, fileName);
        return DefinitionBinder.Bind(root, fileName, onWarning);
    }

    private static T Guarded<T>(Func<T> read, string text, string? fileName)
    {
        try
        {
            return read();
        }
        catch (YamlException fault)
        {
            throw YamlFault.Explain(fault, text, fileName);
        }
    }
}
