using System.Buffers;
using System.Text.Unicode;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Documents;

/// <summary>The bounds and the alphabet of a document, checked before anything parses it.</summary>
internal static class DocumentText
{
    /// <summary>Longest document, in bytes and in characters. A definition is a page or two; every later step is
    /// bounded by this.</summary>
    internal const int MaxLength = 1 << 20;

    /// <summary>Deepest nesting. Definitions need 5; parsers of flow collections take time in proportion to depth.</summary>
    internal const int MaxDepth = 16;

    private const string ByteOrderMark = "\uFEFF";

    // YAML 1.2.2, 5.1: tab, line feed, carriage return, next line and everything printable.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c is not ('\t' or '\n' or '\r' or '\u0085')),
        '\uFFFE', '\uFFFF',
    ]);

    /// <summary>Decodes UTF-8 and checks length and alphabet. A byte order mark is dropped.</summary>
    internal static string Decode(ReadOnlySpan<byte> utf8, string? fileName)
    {
        if (utf8.Length > MaxLength)
        {
            throw TooLarge(fileName);
        }

        if (utf8 is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            throw Fault(DiagnosticId.NotUtf8, "The document is UTF-16: save it as UTF-8.", 1, 1, fileName);
        }

        // Not Encoding.GetString with an exception fallback: its exception does not say where in the whole text.
        char[] decoded = new char[utf8.Length];
        OperationStatus status = Utf8.ToUtf16(utf8, decoded, out int read, out int written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done)
        {
            (int line, int column) = PositionAfter(decoded.AsSpan(0, written));
            string message = $"The document is not UTF-8: byte 0x{utf8[read]:X2} cannot stand here. Save it as UTF-8.";
            throw Fault(DiagnosticId.NotUtf8, message, line, column, fileName);
        }

        return Check(new string(decoded, 0, written), fileName);
    }

    /// <summary>Checks length and alphabet of text that was decoded already. A byte order mark is dropped.</summary>
    internal static string Check(string text, string? fileName)
    {
        if (text.Length > MaxLength)
        {
            throw TooLarge(fileName);
        }

        text = text.StartsWith(ByteOrderMark, StringComparison.Ordinal) ? text[1..] : text;
        int forbidden = text.AsSpan().IndexOfAny(Forbidden);
        forbidden = forbidden < 0 ? UnicodeText.IndexOfLoneSurrogate(text) : forbidden;
        if (forbidden >= 0)
        {
            (int line, int column) = PositionAfter(text.AsSpan(0, forbidden));
            throw Fault(
                DiagnosticId.InvalidCharacter,
                $"The document contains U+{(int)text[forbidden]:X4}, a character that is not allowed in it.",
                line,
                column,
                fileName);
        }

        return text;
    }

    internal static DefinitionException TooLarge(string? fileName) => Fault(
        DiagnosticId.TooLarge, $"The document is longer than {MaxLength >> 20} MiB; no definition is.", 1, 1, fileName);

    internal static DefinitionException TooDeep(int line, int column, string? fileName) => Fault(
        DiagnosticId.TooDeep, $"The document nests deeper than {MaxDepth} levels; no definition does.", line, column, fileName);

    internal static DefinitionException Fault(
        DiagnosticId id, string message, int line, int column, string? fileName, string? suggestion = null, Exception? cause = null) =>
        new([new Diagnostic(id, DiagnosticSeverity.Error, message, DefinitionPath.Root, line, column, suggestion)], fileName, cause);

    /// <summary>Line and column, from 1, of what follows some text.</summary>
    internal static (int Line, int Column) PositionAfter(ReadOnlySpan<char> before)
    {
        int lineFeeds = before.Count('\n');
        int lastBreak = before.LastIndexOf('\n');
        return (lineFeeds + 1, before.Length - lastBreak);
    }
}
