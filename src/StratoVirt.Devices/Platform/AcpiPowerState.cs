namespace StratoVirt.Devices.Platform;

/// <summary>What a snapshot keeps of the power registers.</summary>
public sealed record AcpiPowerState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The sleep status register.</summary>
    public byte SleepStatus { get; init; }

    /// <summary>Events the guest has not read yet.</summary>
    public byte Events { get; init; }
}
