using System.Collections.Immutable;

namespace StratoVirt.Devices.Legacy.Rtc;

/// <summary>What a snapshot keeps of the clock. The time itself goes on with the host's.</summary>
public sealed record CmosRtcState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The register the next data access means.</summary>
    public byte Index { get; init; }

    /// <summary>All 128 registers; the time registers count only while the clock is held.</summary>
    public ImmutableArray<byte> Registers { get; init; } = [];

    /// <summary>The guest's time minus the host's (UTC), in units of 100 ns.</summary>
    public long OffsetTicks { get; init; }

    /// <summary>Whether the guest has reset the divider while holding the clock.</summary>
    public bool DividerWasReset { get; init; }
}
