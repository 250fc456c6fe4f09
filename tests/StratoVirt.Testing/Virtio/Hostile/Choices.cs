using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>Numbers that follow from one: what a step leaves open is decided by its word, so the same step does the same
/// (SplitMix64, which takes any seed).</summary>
/// <param name="seed">The number they follow from.</param>
public struct Choices(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Any 64 bits.</summary>
    public ulong Next()
    {
        ulong mixed = _state += 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number below a bound.</summary>
    public int Below(int bound) => (int)(Next() % (uint)bound);

    /// <summary>True once in so many times.</summary>
    public bool Once(int times) => Below(times) == 0;

    /// <summary>A number that is small, near another, one bit, all ones, or any: those that checks tend to miss.</summary>
    public ulong Word(ulong near) => Below(6) switch
    {
        0 => Next() % 40,
        1 => unchecked(near + ((Next() & 0xFF) << Below(12)) - 64),
        2 => 1UL << Below(64),
        3 => ulong.MaxValue >> Below(64),
        4 => unchecked(0UL - (Next() % 0x2000)),
        _ => Next() >> Below(64),
    };

    /// <summary>Fills bytes.</summary>
    public void Fill(Span<byte> bytes)
    {
        ulong word = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            word = (i & 7) == 0 ? Next() : word >> 8;
            bytes[i] = (byte)word;
        }
    }

    /// <summary>An address and length of which at least one byte is no memory.</summary>
    /// <param name="end">The first address behind memory.</param>
    public (GuestAddress Address, uint Length) Outside(GuestAddress end) => Below(5) switch
    {
        0 => (end, 1),
        1 => (new GuestAddress(end.Value - 1), 2 + (uint)Below(4096)),
        2 => (new GuestAddress(ulong.MaxValue - (ulong)Below(64)), 128),
        3 => (new GuestAddress(0), 1 + (uint)Below(4096)),
        _ => (new GuestAddress(end.Value - 16), uint.MaxValue - (uint)Below(64)),
    };
}
