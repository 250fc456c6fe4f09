namespace StratoVirt.Devices.Virtio.Console;

/// <summary>How a console device is made.</summary>
public sealed record ConsoleConfiguration
{
    /// <summary>The most ports one device can have: Linux and QEMU stop at 31 too.</summary>
    public const int PortLimit = 31;

    /// <summary>Ports the device can ever have, 1 to <see cref="PortLimit"/>; each has two queues whether it is there
    /// or not.</summary>
    public int MaxPorts { get; init; } = PortLimit;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPorts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPorts, PortLimit);
    }
}
