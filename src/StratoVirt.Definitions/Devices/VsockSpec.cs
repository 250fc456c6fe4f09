namespace StratoVirt.Definitions.Devices;

/// <summary>Sockets between guest and host with no network, carried by Unix sockets.</summary>
public sealed record VsockSpec : DeviceSpec
{
    /// <inheritdoc/>
    public override string Name { get; init; } = "vsock";

    /// <summary>The guest's context id, from 3 on; 0 to 2 have meanings of their own.</summary>
    public int Cid { get; init; } = 3;

    /// <summary>Path of the Unix socket: the host connects to it and writes <c>CONNECT port</c>; the guest's connections
    /// to port N go to this path with <c>_N</c> behind it. Null puts it into the machine's runtime directory.</summary>
    public string? Socket { get; init; }
}
