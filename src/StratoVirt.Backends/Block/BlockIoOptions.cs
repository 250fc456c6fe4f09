namespace StratoVirt.Backends.Block;

/// <summary>How one request is to be done.</summary>
[Flags]
public enum BlockIoOptions
{
    /// <summary>As it comes.</summary>
    None = 0,

    /// <summary>A write is on the medium before it completes.</summary>
    Durable = 1 << 0,

    /// <summary>Writing zeroes may give the space back.</summary>
    MayUnmap = 1 << 1,
}
