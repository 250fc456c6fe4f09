using System.Text;

namespace StratoVirt.Machine.Boot.X64.Acpi.Aml;

/// <summary>
/// NameString (ACPI 6.5 §20.2.2): segments of four characters, shorter ones padded with underscores, joined by dots
/// in the text and by prefixes in the encoding.
/// </summary>
internal static class NameString
{
    private const int SegmentLength = 4;
    private const byte DualNamePrefix = 0x2E;
    private const byte MultiNamePrefix = 0x2F;
    private const byte NullName = 0;

    /// <summary>The encoding of a path such as <c>\_SB.PWRB</c>.</summary>
    /// <exception cref="ArgumentException">It is no ACPI name.</exception>
    public static byte[] Encode(string path)
    {
        string relative = path.TrimStart('\\', '^');
        List<byte> encoding = [.. Encoding.ASCII.GetBytes(path[..^relative.Length])];
        string[] segments = relative.Length == 0 ? [] : relative.Split('.');
        switch (segments.Length)
        {
            case 0:
                encoding.Add(NullName);
                break;
            case 1:
                break;
            case 2:
                encoding.Add(DualNamePrefix);
                break;
            default:
                encoding.Add(MultiNamePrefix);
                encoding.Add((byte)segments.Length);
                break;
        }

        foreach (string segment in segments)
        {
            if (!IsSegment(segment))
            {
                throw new ArgumentException($"'{path}' is no ACPI name.", nameof(path));
            }

            encoding.AddRange(Encoding.ASCII.GetBytes(segment.PadRight(SegmentLength, '_')));
        }

        return [.. encoding];
    }

    private static bool IsSegment(string text) =>
        text.Length is > 0 and <= SegmentLength
        && !char.IsAsciiDigit(text[0])
        && text.All(character => character == '_' || char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character));
}
