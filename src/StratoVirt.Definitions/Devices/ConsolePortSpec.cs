namespace StratoVirt.Definitions.Devices;

/// <summary>
/// A port of the machine's virtio console. One of <see cref="Socket"/>, <see cref="File"/> and <see cref="Pipe"/>; none
/// for a console that keeps its history, as the serial console does.
/// </summary>
public sealed record ConsolePortSpec : DeviceSpec
{
    /// <inheritdoc/>
    public required override string Name { get; init; }

    /// <summary>A console (<c>/dev/hvc0</c>) rather than a named port (<c>/dev/virtio-ports/NAME</c>).</summary>
    public bool Console { get; init; }

    /// <summary>Path of a Unix socket to listen on.</summary>
    public string? Socket { get; init; }

    /// <summary>Path of a file that output is appended to.</summary>
    public string? File { get; init; }

    /// <summary>Path of a named pipe.</summary>
    public string? Pipe { get; init; }
}
