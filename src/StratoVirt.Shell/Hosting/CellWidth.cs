using System.Text;

namespace StratoVirt.Shell.Hosting;

/// <summary>How many terminal cells a character takes.</summary>
internal static class CellWidth
{
    // The wide blocks of UAX #11 (East Asian Width W and F) that people type; the rest is one cell.
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF),
        (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6),
        (0x1F300, 0x1F64F), (0x1F900, 0x1F9FF), (0x20000, 0x3FFFD),
    ];

    public static int Of(Rune rune)
    {
        var category = Rune.GetUnicodeCategory(rune);
        if (category is System.Globalization.UnicodeCategory.NonSpacingMark
            or System.Globalization.UnicodeCategory.EnclosingMark or System.Globalization.UnicodeCategory.Format)
            return 0;
        foreach (var (first, last) in Wide)
        {
            if (rune.Value >= first && rune.Value <= last)
                return 2;
        }
        return 1;
    }

    public static int Of(ReadOnlySpan<char> text)
    {
        int cells = 0;
        foreach (var rune in text.EnumerateRunes())
            cells += Of(rune);
        return cells;
    }

    /// <summary>The longest beginning of <paramref name="text"/> that fits <paramref name="cells"/> cells.</summary>
    public static string Fit(string text, int cells)
    {
        int used = 0, length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            used += Of(rune);
            if (used > cells)
                return text[..length];
            length += rune.Utf16SequenceLength;
        }
        return text;
    }
}
