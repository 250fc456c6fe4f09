using System.Text;
using System.Text.Json;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Documents;

/// <summary>Reads JSON into a document tree, with the position of every node.</summary>
internal ref struct JsonDocumentReader
{
    private readonly string? _fileName;
    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;
    private int _counted;
    private int _line;
    private int _column;

    private JsonDocumentReader(ReadOnlySpan<byte> json, string? fileName)
    {
        _json = json;
        _fileName = fileName;
        // One deeper than allowed, so that the depth is found here and reported by its own name.
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DocumentText.MaxDepth + 2 });
        _line = 1;
        _column = 1;
    }

    /// <summary>Reads one document.</summary>
    /// <exception cref="DefinitionException">It is not well-formed, or nests too deep.</exception>
    internal static DocumentNode Read(ReadOnlySpan<byte> json, string? fileName)
    {
        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw DocumentText.Fault(DiagnosticId.EmptyDocument, "The document is empty.", 1, 1, fileName);
        }

        var reader = new JsonDocumentReader(json, fileName);
        try
        {
            reader._reader.Read();
            DocumentNode root = reader.ReadNode();
            reader._reader.Read();
            return root;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is how the reader reports an escaped lone surrogate.
            (int line, int column) = fault is JsonException { LineNumber: long lineNumber, BytePositionInLine: long position }
                ? ((int)lineNumber + 1, (int)position + 1)
                : reader.Position();
            throw DocumentText.Fault(
                DiagnosticId.Syntax, $"This is not valid JSON: {FirstSentence(fault.Message)}", line, column, fileName, cause: fault);
        }
    }

    private DocumentNode ReadNode()
    {
        (int line, int column) = Position();
        if (_reader.CurrentDepth >= DocumentText.MaxDepth
            && _reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            throw DocumentText.TooDeep(line, column, _fileName);
        }

        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadMapping(line, column);
            case JsonTokenType.StartArray:
                return ReadSequence(line, column);
            case JsonTokenType.String:
                return new ScalarNode(_reader.GetString()!, IsPlain: false, line, column);
            default:
                return new ScalarNode(Encoding.UTF8.GetString(_reader.ValueSpan), IsPlain: true, line, column);
        }
    }

    private MappingNode ReadMapping(int line, int column)
    {
        var entries = new List<MappingEntry>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            (int keyLine, int keyColumn) = Position();
            var key = new ScalarNode(_reader.GetString()!, IsPlain: false, keyLine, keyColumn);
            _reader.Read();
            entries.Add(new MappingEntry(key, ReadNode()));
        }

        return new MappingNode(entries, line, column);
    }

    private SequenceNode ReadSequence(int line, int column)
    {
        var items = new List<DocumentNode>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadNode());
        }

        return new SequenceNode(items, line, column);
    }

    /// <summary>Where the present token begins. Tokens come in order, so each byte is looked at once.</summary>
    private (int Line, int Column) Position()
    {
        int start = (int)_reader.TokenStartIndex;
        ReadOnlySpan<byte> between = _json[_counted..start];
        int lastBreak = between.LastIndexOf((byte)'\n');
        if (lastBreak >= 0)
        {
            _line += between.Count((byte)'\n');
            _column = 1;
        }

        _column += Encoding.UTF8.GetCharCount(between[(lastBreak + 1)..]);
        _counted = start;
        return (_line, _column);
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
