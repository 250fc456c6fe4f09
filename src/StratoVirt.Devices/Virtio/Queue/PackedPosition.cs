namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>A place in a packed ring that goes round and round: an entry, and the wrap counter of the lap it is meant
/// in (virtio 1.3 §2.8.1).</summary>
/// <param name="Entry">Below the size of the ring.</param>
/// <param name="Wrap">The ring wrap counter, one bit.</param>
internal readonly record struct PackedPosition(int Entry, bool Wrap)
{
    private const int WrapBit = 1 << 15;

    /// <summary>Where both sides begin.</summary>
    public static PackedPosition Start => new(0, true);

    /// <summary>The entry with the wrap counter in bit 15, as event suppression has it (§2.8.14).</summary>
    public ushort Encoded => (ushort)(Entry | (Wrap ? WrapBit : 0));

    /// <summary>The flags of an entry in this lap that the driver has made available.</summary>
    public DescriptorFlags Available => Wrap ? DescriptorFlags.Available : DescriptorFlags.Used;

    /// <summary>The flags of an entry in this lap that the device has used.</summary>
    public DescriptorFlags Used => Wrap ? DescriptorFlags.Available | DescriptorFlags.Used : DescriptorFlags.None;

    /// <summary>The other direction of <see cref="Encoded"/>; the entry may be any.</summary>
    public static PackedPosition Decode(ushort encoded) => new(encoded & ~WrapBit, (encoded & WrapBit) != 0);

    /// <summary>Whether flags say that the driver has made this entry available in this lap.</summary>
    public bool IsAvailable(DescriptorFlags flags) =>
        (flags & (DescriptorFlags.Available | DescriptorFlags.Used)) == Available;

    /// <summary>The place so many entries further, at most once round; fewer than none goes back.</summary>
    public PackedPosition Move(int entries, int size) => (Entry + entries) switch
    {
        var entry when entry >= size => new PackedPosition(entry - size, !Wrap),
        var entry when entry < 0 => new PackedPosition(entry + size, !Wrap),
        var entry => new PackedPosition(entry, Wrap),
    };
}
