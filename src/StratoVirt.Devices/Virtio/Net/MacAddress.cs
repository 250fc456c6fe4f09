using System.Globalization;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>The hardware address of a network card.</summary>
/// <param name="Value">The six bytes, the first one in bits 40 to 47.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Bytes of an address.</summary>
    public const int Length = 6;

    private const int BitsPerByte = 8;

    /// <summary>Whether a card can have it: not all zero and not for a group (IEEE 802, the lowest bit of the first
    /// byte).</summary>
    public bool IsUnicast => Value is not 0 and < 1UL << (BitsPerByte * Length) && (Value >> 40 & 1) == 0;

    /// <summary>Reads six bytes, first one first.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        foreach (byte part in bytes[..Length])
        {
            value = (value << BitsPerByte) | part;
        }

        return new MacAddress(value);
    }

    /// <summary>Reads <c>52:54:00:12:34:56</c>; false when the text is nothing of the kind.</summary>
    public static bool TryParse(string? text, out MacAddress address)
    {
        address = default;
        string[] parts = text?.Split(':') ?? [];
        ulong value = 0;
        foreach (string part in parts)
        {
            if (part.Length != 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
            {
                return false;
            }

            value = (value << BitsPerByte) | octet;
        }

        address = new MacAddress(value);
        return parts.Length == Length;
    }

    /// <summary>Writes six bytes, first one first.</summary>
    public void Write(Span<byte> bytes)
    {
        for (int i = 0; i < Length; i++)
        {
            bytes[i] = (byte)(Value >> (BitsPerByte * (Length - 1 - i)));
        }
    }

    /// <summary>As <c>52:54:00:12:34:56</c>.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Write(bytes);
        return string.Join(':', bytes.ToArray().Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
    }
}
