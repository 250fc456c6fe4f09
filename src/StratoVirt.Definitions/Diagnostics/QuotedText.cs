using System.Globalization;
using System.Text;

namespace StratoVirt.Definitions.Diagnostics;

/// <summary>Puts text from a document into a message: short, on one line, and without terminal escapes.</summary>
internal static class QuotedText
{
    private const int MaxLength = 60;

    internal static string Quote(string text)
    {
        var quoted = new StringBuilder(Math.Min(text.Length, MaxLength) + 3).Append('\'');
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (quoted.Length > MaxLength)
            {
                quoted.Append('…');
                break;
            }

            if (IsSafe(rune))
            {
                quoted.Append(rune.ToString());
            }
            else
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
            }
        }

        return quoted.Append('\'').ToString();
    }

    // Format characters include the bidirectional overrides, which reorder what the reader sees.
    private static bool IsSafe(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
