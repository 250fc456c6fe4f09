using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Traps;

/// <summary>
/// The mappings that <see cref="LostPageTrap"/> guards, where its handler finds them at any moment: a count, then start,
/// end and whether a page was replaced, 8 bytes each. A place whose end is 0 is free. Changed by one thread at a time, in
/// an order in which the handler meets no half entry; x86_64 shows stores to other CPUs in that order.
/// </summary>
internal sealed class LostPageTable
{
    private const int EntryLength = 3;
    private const int Start = 1;
    private const int End = 2;
    private const int Lost = 3;

    // 2,730 mappings; what is not used takes no memory.
    private const int Bytes = 64 << 10;

    private readonly MemoryMapping _memory = MemoryMapping.CreateAnonymous(Bytes);

    /// <summary>Where it begins.</summary>
    public nint Address => _memory.Address;

    private static int Capacity => ((Bytes / sizeof(ulong)) - 1) / EntryLength;

    // SAFETY: the mapping has that length and is never unmapped, as this object lives as long as the process.
    private unsafe Span<ulong> Words => new((void*)_memory.Address, Bytes / sizeof(ulong));

    /// <summary>Adds a mapping.</summary>
    /// <exception cref="LinuxException">There is no place left.</exception>
    public void Add(ulong start, ulong end)
    {
        int used = (int)Words[0];
        int entry = Find(End, 0);
        if (entry < 0 && used == Capacity)
        {
            throw new LinuxException("guard a mapped file", Errno.NoSpace);
        }

        Span<ulong> words = Words[((entry < 0 ? used : entry) * EntryLength)..];
        words[Lost] = 0;
        words[Start] = start;
        Volatile.Write(ref words[End], end);
        if (entry < 0)
        {
            Volatile.Write(ref Words[0], (ulong)used + 1);
        }
    }

    /// <summary>Removes the mapping that begins there, if there is one.</summary>
    public void Remove(ulong start)
    {
        if (Find(Start, start) is int entry and >= 0)
        {
            Volatile.Write(ref Words[(entry * EntryLength) + End], 0);
            Words[(entry * EntryLength) + Start] = 0;
        }
    }

    /// <summary>Whether a page of the mapping that begins there was replaced.</summary>
    public bool HasLost(ulong start) => Find(Start, start) is int entry and >= 0 && Words[(entry * EntryLength) + Lost] != 0;

    private int Find(int field, ulong value)
    {
        for (int entry = 0; entry < (int)Words[0]; entry++)
        {
            if (Words[(entry * EntryLength) + field] == value)
            {
                return entry;
            }
        }

        return -1;
    }
}
