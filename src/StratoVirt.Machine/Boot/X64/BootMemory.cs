using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// The guest's memory as the boot loader uses it: every address comes from <see cref="Layout"/> or was checked against
/// <see cref="LowEnd"/>, so a write that misses RAM is a mistake in the loader and throws.
/// </summary>
internal readonly struct BootMemory(GuestMemory memory)
{
    /// <summary>End of the RAM that begins at 0: at most 3 GiB.</summary>
    public ulong LowEnd => memory.Regions[0].Range.End.Value;

    /// <summary>Copies bytes in.</summary>
    public void Write(ulong address, ReadOnlySpan<byte> bytes) => Demand(memory.TryWrite(new GuestAddress(address), bytes), address);

    /// <summary>Copies one little-endian structure in.</summary>
    public void Write<T>(ulong address, in T value)
        where T : unmanaged => Demand(memory.TryWrite(new GuestAddress(address), in value), address);

    /// <summary>Makes a range read as zero.</summary>
    public void Zero(ulong address, ulong length) => Demand(memory.TryZero(new GuestAddress(address), length), address);

    /// <summary>Reads a part of a file straight into guest memory.</summary>
    /// <returns>False when the file ends too early.</returns>
    /// <exception cref="IOException">The host could not read the file.</exception>
    public bool TryLoad(ulong address, BootFile file, long offset, ulong length)
    {
        const int MaxRun = 1 << 30;
        while (length > 0)
        {
            int run = (int)Math.Min(length, MaxRun);
            Demand(memory.TryGetSpan(new GuestAddress(address), run, out Span<byte> span), address);
            if (!file.TryRead(offset, span))
            {
                return false;
            }

            address += (ulong)run;
            offset += run;
            length -= (ulong)run;
        }

        return true;
    }

    private static void Demand(bool done, ulong address)
    {
        if (!done)
        {
            throw new InvalidOperationException($"The boot loader wrote outside guest memory, at 0x{address:x}.");
        }
    }
}
