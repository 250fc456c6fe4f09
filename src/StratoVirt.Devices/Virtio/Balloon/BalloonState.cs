namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>What a snapshot keeps of a balloon.</summary>
public sealed record BalloonState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>num_pages: pages of 4 KiB the guest is asked to give up.</summary>
    public uint TargetPages { get; init; }

    /// <summary>actual: pages of 4 KiB the guest says it has given up.</summary>
    public uint ActualPages { get; init; }

    /// <summary>free_page_hint_cmd_id.</summary>
    public uint HintCommand { get; init; }

    /// <summary>The last command id that began a round of hints.</summary>
    public uint LastHintCommand { get; init; }

    /// <summary>poison_val.</summary>
    public uint PoisonValue { get; init; }
}
