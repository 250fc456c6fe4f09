namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary>What a snapshot keeps of a socket device. Connections are not kept: their other ends are processes of the
/// host that was. The restored driver is told to drop them (virtio 1.3 §5.10.6.7).</summary>
public sealed record VsockState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The port that the next process of the host to reach the guest gets, so that it meets no connection
    /// which the guest still believes in.</summary>
    public uint NextHostPort { get; init; }
}
