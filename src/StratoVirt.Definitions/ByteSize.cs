using System.Globalization;
using System.Text.Json.Serialization;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions;

/// <summary>
/// A size in bytes, written as <c>512MiB</c>. Binary units only (KiB, MiB, GiB, TiB), because memory comes in them;
/// <c>MB</c> is accepted as PowerShell means it, 1024 * 1024, and always written back as <c>MiB</c>.
/// </summary>
/// <param name="Bytes">The size in bytes.</param>
[JsonConverter(typeof(ByteSizeConverter))]
public readonly record struct ByteSize(ulong Bytes) : IComparable<ByteSize>
{
    private static readonly (string Suffix, ulong Factor)[] Units =
    [
        ("TiB", 1UL << 40), ("GiB", 1UL << 30), ("MiB", 1UL << 20), ("KiB", 1UL << 10),
        ("TB", 1UL << 40), ("GB", 1UL << 30), ("MB", 1UL << 20), ("KB", 1UL << 10),
        ("T", 1UL << 40), ("G", 1UL << 30), ("M", 1UL << 20), ("K", 1UL << 10), ("B", 1),
    ];

    /// <summary>A size of so many mebibytes.</summary>
    public static ByteSize FromMebibytes(ulong mebibytes) => new(checked(mebibytes << 20));

    /// <summary>Reads a size; a bare number is bytes. False when the text is no size or does not fit 64 bits.</summary>
    public static bool TryParse(string? text, out ByteSize size)
    {
        size = default;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        ulong factor = 1;
        foreach ((string suffix, ulong unit) in Units)
        {
            if (rest.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                rest = rest[..^suffix.Length].TrimEnd();
                factor = unit;
                break;
            }
        }

        if (!ulong.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
            || count > ulong.MaxValue / factor)
        {
            return false;
        }

        size = new ByteSize(count * factor);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <summary>The size in the largest binary unit that divides it: <c>512MiB</c>, <c>1GiB</c>, <c>1000</c>.</summary>
    public override string ToString()
    {
        foreach ((string suffix, ulong factor) in Units.AsSpan(0, 4))
        {
            if (Bytes != 0 && Bytes % factor == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Bytes / factor}{suffix}");
            }
        }

        return Bytes.ToString(CultureInfo.InvariantCulture);
    }
}
