using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Documents;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace StratoVirt.Definitions.Yaml;

/// <summary>Reads the events of one YAML document into a document tree. The parser streams, so a document that nests
/// too deep is left where it does.</summary>
internal sealed class YamlDocumentReader
{
    private readonly Parser _parser;
    private readonly string? _fileName;

    private YamlDocumentReader(string text, string? fileName)
    {
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        _fileName = fileName;
    }

    /// <exception cref="DefinitionException">There is no document, or more than one, or it uses what is refused.</exception>
    /// <exception cref="YamlException">The text is not well-formed.</exception>
    internal static DocumentNode Read(string text, string? fileName) => new YamlDocumentReader(text, fileName).ReadStream();

    /// <summary>Reads all documents of a stream; those with nothing in them are passed over.</summary>
    /// <exception cref="DefinitionException">There is none, or one uses what is refused.</exception>
    /// <exception cref="YamlException">The text is not well-formed.</exception>
    internal static IReadOnlyList<DocumentNode> ReadAll(string text, string? fileName)
    {
        var reader = new YamlDocumentReader(text, fileName);
        var documents = new List<DocumentNode>();
        reader.Next<StreamStart>();
        while (reader.Next<ParsingEvent>() is not StreamEnd)
        {
            DocumentNode root = reader.ReadNode(reader.Next<ParsingEvent>(), depth: 0);
            reader.Next<DocumentEnd>();
            if (root is not ScalarNode { IsPlain: true, Text: "" })
            {
                documents.Add(root);
            }
        }

        return documents.Count != 0 ? documents : throw reader.Empty();
    }

    private DocumentNode ReadStream()
    {
        Next<StreamStart>();
        if (Next<ParsingEvent>() is StreamEnd)
        {
            throw Empty();
        }

        DocumentNode root = ReadNode(Next<ParsingEvent>(), depth: 0);
        Next<DocumentEnd>();
        if (Next<ParsingEvent>() is DocumentStart second)
        {
            throw Fault(
                DiagnosticId.SeveralDocuments,
                "A second document begins here. One machine is read from a file: put the other into a file of its own, or use Sync-StratoVm, which reads all.",
                second);
        }

        return root is ScalarNode { IsPlain: true, Text: "" } ? throw Empty() : root;
    }

    private DocumentNode ReadNode(ParsingEvent @event, int depth)
    {
        RefuseFeatures(@event);
        int line = (int)@event.Start.Line;
        int column = (int)@event.Start.Column;
        if (@event is Scalar scalar)
        {
            return new ScalarNode(scalar.Value, scalar.Style == ScalarStyle.Plain, line, column);
        }

        if (depth == DocumentText.MaxDepth)
        {
            throw DocumentText.TooDeep(line, column, _fileName);
        }

        return @event is MappingStart ? ReadMapping(line, column, depth) : ReadSequence(line, column, depth);
    }

    private MappingNode ReadMapping(int line, int column, int depth)
    {
        var entries = new List<MappingEntry>();
        for (ParsingEvent @event = Next<ParsingEvent>(); @event is not MappingEnd; @event = Next<ParsingEvent>())
        {
            if (@event is not Scalar scalar)
            {
                RefuseFeatures(@event);
                throw Fault(DiagnosticId.WrongType, "A key is a word, not a list or a mapping.", @event);
            }

            var key = (ScalarNode)ReadNode(scalar, depth);
            if (key is { IsPlain: true, Text: "<<" })
            {
                throw Fault(
                    DiagnosticId.UnsupportedFeature, "Merge keys ('<<') are not supported: write the settings out.", @event);
            }

            entries.Add(new MappingEntry(key, ReadNode(Next<ParsingEvent>(), depth + 1)));
        }

        return new MappingNode(entries, line, column);
    }

    private SequenceNode ReadSequence(int line, int column, int depth)
    {
        var items = new List<DocumentNode>();
        for (ParsingEvent @event = Next<ParsingEvent>(); @event is not SequenceEnd; @event = Next<ParsingEvent>())
        {
            items.Add(ReadNode(@event, depth + 1));
        }

        return new SequenceNode(items, line, column);
    }

    private void RefuseFeatures(ParsingEvent @event)
    {
        if (@event is AnchorAlias alias)
        {
            throw Fault(
                DiagnosticId.UnsupportedFeature,
                $"Aliases ({QuotedText.Quote("*" + alias.Value)}) are not supported: write the value out.",
                alias);
        }

        if (@event is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            throw Fault(
                DiagnosticId.UnsupportedFeature,
                $"Anchors ({QuotedText.Quote("&" + anchored.Anchor.Value)}) are not supported: remove it.",
                anchored);
        }

        if (@event is NodeEvent { Tag.IsEmpty: false } tagged)
        {
            throw Fault(
                DiagnosticId.UnsupportedFeature, "Tags ('!') are not supported: the key says what its value is.", tagged);
        }
    }

    private T Next<T>()
        where T : ParsingEvent
    {
        Mark before = _parser.Current?.End ?? Mark.Empty;
        try
        {
            _parser.MoveNext();
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            // The parser's own consistency checks: "...\n? - " fails the one, an escaped lone surrogate the other.
            throw new YamlException(before, before, "the parser could not go on behind this", fault);
        }

        return _parser.Current as T
            ?? throw new YamlException(before, before, $"found {_parser.Current} where {typeof(T).Name} was expected");
    }

    private DefinitionException Empty() =>
        DocumentText.Fault(DiagnosticId.EmptyDocument, "The document is empty.", 1, 1, _fileName);

    private DefinitionException Fault(DiagnosticId id, string message, ParsingEvent @event) =>
        DocumentText.Fault(id, message, (int)@event.Start.Line, (int)@event.Start.Column, _fileName);
}
