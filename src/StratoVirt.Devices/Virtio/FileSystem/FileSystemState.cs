namespace StratoVirt.Devices.Virtio.FileSystem;

/// <summary>What a snapshot keeps of a file system device, which is no device in use: the guest's open files are in the
/// process that serves it.</summary>
public sealed record FileSystemState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The tag, which a restored machine must have too.</summary>
    public string Tag { get; init; } = string.Empty;
}
