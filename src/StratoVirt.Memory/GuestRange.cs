namespace StratoVirt.Memory;

/// <summary>A run of guest physical addresses: <c>[Start, Start + Length)</c>.</summary>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes; the run never wraps past 2^64.</param>
public readonly record struct GuestRange(GuestAddress Start, ulong Length)
{
    /// <summary>The first address behind the run.</summary>
    public GuestAddress End => Start + Length;

    /// <summary>Whether <paramref name="length"/> bytes at <paramref name="address"/> lie wholly inside.</summary>
    public bool Contains(GuestAddress address, ulong length)
    {
        if (address < Start)
        {
            return false;
        }

        ulong offset = address.Value - Start.Value;
        return offset <= Length && length <= Length - offset;
    }

    /// <summary>Whether the two runs share an address.</summary>
    public bool Overlaps(GuestRange other) => Start < other.End && other.Start < End;

    /// <summary>First and last address, as <c>/proc/iomem</c> prints them.</summary>
    public override string ToString() => Length == 0 ? $"{Start}-(empty)" : $"{Start}-0x{Start.Value + Length - 1:x}";
}
