namespace StratoVirt.Devices.Virtio.Memory;

/// <summary>Which blocks of a memory device are plugged in: a bit each. Not thread-safe.</summary>
internal sealed class BlockMap(int blocks)
{
    private readonly ulong[] _bits = new ulong[(blocks + 63) / 64];

    /// <summary>Blocks in all.</summary>
    public int Count { get; } = blocks;

    /// <summary>Blocks plugged in.</summary>
    public int Plugged { get; private set; }

    /// <summary>How many blocks of a run, which is within the map, are plugged in.</summary>
    public int PluggedIn(int first, int count)
    {
        int found = 0;
        for (int i = first; i < first + count; i++)
        {
            found += (int)((_bits[i >> 6] >> (i & 63)) & 1);
        }

        return found;
    }

    /// <summary>Marks a run, which is within the map and in the other state as a whole.</summary>
    public void Set(int first, int count, bool plugged)
    {
        for (int i = first; i < first + count; i++)
        {
            ulong bit = 1UL << (i & 63);
            _bits[i >> 6] = plugged ? _bits[i >> 6] | bit : _bits[i >> 6] & ~bit;
        }

        Plugged += plugged ? count : -count;
    }

    /// <summary>Unplugs all.</summary>
    public void Clear()
    {
        Array.Clear(_bits);
        Plugged = 0;
    }

    /// <summary>The bits, for a snapshot.</summary>
    public ulong[] Save() => [.. _bits];

    /// <summary>Takes saved bits over; false when they are not of this map.</summary>
    public bool TryRestore(IReadOnlyList<ulong> bits)
    {
        bool fits = bits.Count == _bits.Length && (Count % 64 == 0 || bits[^1] >> (Count % 64) == 0);
        if (fits)
        {
            bits.ToArray().CopyTo(_bits, 0);
            Plugged = bits.Sum(word => System.Numerics.BitOperations.PopCount(word));
        }

        return fits;
    }
}
