namespace StratoVirt.Devices.Virtio.Console;

/// <summary>
/// What the driver must be told of a port and has not been yet, in the order it is told. A bit each, so that however
/// often things change while the driver does not listen, nothing piles up.
/// </summary>
[Flags]
internal enum PortNews : byte
{
    None = 0,
    Add = 1 << 0,
    ConsolePort = 1 << 1,
    Name = 1 << 2,
    Resize = 1 << 3,

    /// <summary>The host end has been left. Told before <see cref="Open"/>: another may have come meanwhile.</summary>
    Close = 1 << 4,

    Open = 1 << 5,
    Remove = 1 << 6,
}
