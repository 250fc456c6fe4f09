using System.Text;

namespace StratoVirt.Devices.Virtio.FileSystem;

/// <summary>What a file system device is made from, and its configuration space.</summary>
public sealed record FileSystemConfiguration
{
    /// <summary>The longest tag, in bytes of UTF-8 (virtio 1.3 §5.11.4).</summary>
    public const int MaxTagLength = 36;

    /// <summary>Bytes of configuration space: the tag, then le32 num_request_queues. What follows exists with a feature
    /// that is not offered (§5.11.4).</summary>
    internal const int Length = MaxTagLength + sizeof(uint);

    /// <summary>The name the guest mounts it by.</summary>
    public required string Tag { get; init; }

    /// <summary>Configuration space.</summary>
    /// <exception cref="ArgumentException">The tag is empty, too long, or holds a zero.</exception>
    internal byte[] ToBytes()
    {
        ArgumentException.ThrowIfNullOrEmpty(Tag);
        if (Encoding.UTF8.GetByteCount(Tag) > MaxTagLength || Tag.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"A tag has at most {MaxTagLength} bytes, none of them zero.");
        }

        byte[] space = new byte[Length];
        Encoding.UTF8.GetBytes(Tag, space);

        // One request queue, and little-endian.
        space[MaxTagLength] = 1;
        return space;
    }
}
