using System.Globalization;
using System.Text;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Validation;

/// <summary>JSON paths into a definition (RFC 9535): <c>$.metadata.labels['example.com/team']</c>.</summary>
internal static class DefinitionPath
{
    internal const string Root = "$";

    internal static string Append(string path, string key)
    {
        bool isWord = key.Length > 0 && !char.IsAsciiDigit(key[0]) && key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        return isWord ? $"{path}.{key}" : $"{path}['{Escape(key)}']";
    }

    /// <summary>The path as a reader of the document would say it: <c>'spec.boot'</c>, <c>the document</c> for its root.</summary>
    internal static string Display(string path) =>
        path == Root ? "the document" : QuotedText.Quote(path[(path[1] == '.' ? 2 : 1)..]);

    /// <summary>One of the two contains the other, or they are the same.</summary>
    internal static bool AreNested(string left, string right)
    {
        (string outer, string inner) = left.Length <= right.Length ? (left, right) : (right, left);
        return inner.StartsWith(outer, StringComparison.Ordinal)
            && (inner.Length == outer.Length || inner[outer.Length] is '.' or '[');
    }

    // RFC 9535, 2.7: normalized paths escape quotes, backslashes and control characters.
    private static string Escape(string key)
    {
        var escaped = new StringBuilder(key.Length);
        foreach (char c in key)
        {
            if (c is '\'' or '\\')
            {
                escaped.Append('\\').Append(c);
            }
            else if (char.IsControl(c))
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                escaped.Append(c);
            }
        }

        return escaped.ToString();
    }
}
