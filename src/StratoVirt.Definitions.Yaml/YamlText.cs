using System.Globalization;
using System.Text;

namespace StratoVirt.Definitions.Yaml;

/// <summary>
/// Writes text as a YAML scalar: plain where every version of YAML reads the same text back, else in double quotes.
/// </summary>
internal static class YamlText
{
    /// <summary>Words that some version of YAML takes for something else than text.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "null", "true", "false", "yes", "no", "on", "off", "y", "n",
    };

    internal static string Write(string text) => IsPlain(text) ? text : Quote(text);

    // Stricter than YAML asks for: a letter or '/' first, then what cannot end, split or comment a plain scalar. What
    // begins with a digit may be a size, and is a number, a date or a base-60 integer to somebody unless it ends in one
    // of the letters of a unit.
    private static bool IsPlain(string text)
    {
        if (text.Length == 0 || Reserved.Contains(text))
        {
            return false;
        }

        bool begins = char.IsAsciiLetter(text[0]) || text[0] == '/' || IsSize(text);
        return begins && text[^1] != ' '
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '/' or '.' or '_' or '-' or '=' or ',' or '+');
    }

    private static bool IsSize(string text) => text[0] is >= '1' and <= '9' && text.EndsWith("iB", StringComparison.Ordinal)
        && ByteSize.TryParse(text, out _);

    private static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append(@"\\"),
                '\t' => quoted.Append(@"\t"),
                _ when IsUnprintable(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    // Line separators and the byte order mark are breaks, or nothing, to some readers.
    private static bool IsUnprintable(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';
}
