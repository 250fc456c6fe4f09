namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>Compressions of a kernel payload that the host unpacks.</summary>
internal enum PayloadCompression
{
    /// <summary>gzip.</summary>
    Gzip,
    /// <summary>xz, with or without the x86 branch filter.</summary>
    Xz,
    /// <summary>zstd.</summary>
    Zstd,
    /// <summary>LZ4 legacy frames.</summary>
    Lz4,
}
