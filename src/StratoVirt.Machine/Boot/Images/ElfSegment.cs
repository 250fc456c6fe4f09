namespace StratoVirt.Machine.Boot.Images;

/// <summary>A loadable part of an ELF kernel, checked against file and layout.</summary>
/// <param name="FileOffset">Where its bytes are in the file.</param>
/// <param name="FileLength">Bytes to copy.</param>
/// <param name="Address">Guest physical address to load it at.</param>
/// <param name="Length">Bytes it takes in memory; those behind <paramref name="FileLength"/> are zero.</param>
internal readonly record struct ElfSegment(long FileOffset, ulong FileLength, ulong Address, ulong Length)
{
    /// <summary>First address behind it.</summary>
    public ulong End => Address + Length;

    /// <summary>Whether an address lies inside.</summary>
    public bool Contains(ulong address) => address >= Address && address < End;
}
