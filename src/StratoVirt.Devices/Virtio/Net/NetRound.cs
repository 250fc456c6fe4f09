namespace StratoVirt.Devices.Virtio.Net;

/// <summary>Why a round of receiving has ended.</summary>
internal enum NetRound
{
    /// <summary>The host has no frame: its descriptor becomes readable when it has.</summary>
    Idle,

    /// <summary>The driver has no buffer: it rings when it has.</summary>
    NoBuffers,

    /// <summary>A rate limit holds a frame back.</summary>
    Delayed,

    /// <summary>There may be more, but others wait for the thread.</summary>
    Interrupted,

    /// <summary>The driver has given a buffer too small for a header.</summary>
    BadBuffer,

    /// <summary>The host's side has gone.</summary>
    HostGone,
}
