namespace StratoVirt.Fuzz.Virtio;

/// <summary>A fuzzer's bytes, read as decisions: the same bytes, the same run.</summary>
internal ref struct Decisions(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    /// <summary>Whether another step can be decided.</summary>
    public readonly bool HasMore => !_left.IsEmpty;

    /// <summary>The next byte; 0 behind the end.</summary>
    public byte Next()
    {
        if (_left.IsEmpty)
        {
            return 0;
        }

        byte value = _left[0];
        _left = _left[1..];
        return value;
    }

    /// <summary>A number below a bound of at most 256.</summary>
    public int Below(int bound) => Next() * bound >> 8;

    /// <summary>A number that is small, near <paramref name="near"/>, one bit, or any.</summary>
    public ulong Word(ulong near) => Below(4) switch
    {
        0 => (ulong)Below(40),
        1 => near + ((ulong)Next() << Below(12)) - 64,
        2 => 1UL << Below(64),
        _ => ((ulong)Next() << 56) | ((ulong)Next() << 32) | ((ulong)Next() << 12) | Next(),
    };

    /// <summary>Seeds for a target that reads decisions: arbitrary bytes behind each first one.</summary>
    public static IEnumerable<byte[]> Seeds(int kinds)
    {
        const int length = 1 << 15;
        for (int kind = 0; kind < kinds; kind++)
        {
            byte[] seed = new byte[length];
            new Random(kind).NextBytes(seed);
            seed[0] = (byte)kind;
            yield return seed;
        }
    }
}
