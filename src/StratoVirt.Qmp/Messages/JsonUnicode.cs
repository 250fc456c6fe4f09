using System.Globalization;
using System.Text.Unicode;

namespace StratoVirt.Qmp.Messages;

/// <summary>Whether the text in JSON is text. Parsing does not look; only reading a string would find out, and fail.</summary>
internal static class JsonUnicode
{
    private const int EscapeLength = 6;

    /// <summary>Whether it is UTF-8 and its escapes leave no half of a surrogate pair alone.</summary>
    public static bool IsSound(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return false;
        }

        for (int at = json.IndexOf((byte)'\\'); at >= 0 && at + 1 < json.Length; at = Next(json, at))
        {
            int unit = UnitAt(json, at);
            if (unit is >= 0xDC00 and <= 0xDFFF)
            {
                return false;
            }

            if (unit is >= 0xD800 and <= 0xDBFF)
            {
                at += EscapeLength;
                if (UnitAt(json, at) is not (>= 0xDC00 and <= 0xDFFF))
                {
                    return false;
                }
            }
        }

        return true;
    }

    // Behind the escape at a place: the backslash and what it escapes are two bytes at least.
    private static int Next(ReadOnlySpan<byte> json, int at)
    {
        int found = json[(at + 2)..].IndexOf((byte)'\\');
        return found < 0 ? -1 : at + 2 + found;
    }

    /// <summary>The UTF-16 unit of the escape at a place; -1 when there is none.</summary>
    private static int UnitAt(ReadOnlySpan<byte> json, int at) =>
        at + EscapeLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
            && int.TryParse(json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int unit)
                ? unit
                : -1;
}
