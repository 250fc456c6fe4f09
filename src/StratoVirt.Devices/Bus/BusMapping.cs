namespace StratoVirt.Devices.Bus;

/// <summary>One device's place on a bus.</summary>
public sealed class BusMapping
{
    /// <summary>Describes a place.</summary>
    /// <param name="start">First address.</param>
    /// <param name="length">Bytes, at least 1; the range ends at 2^64 at the latest.</param>
    /// <param name="name">What to call the range in errors and listings.</param>
    /// <param name="device">Who answers there.</param>
    public BusMapping(ulong start, ulong length, string name, IBusDevice device)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        if (length - 1 > ulong.MaxValue - start)
        {
            throw new ArgumentOutOfRangeException(nameof(length), $"'{name}' at 0x{start:x} of 0x{length:x} bytes wraps past 2^64.");
        }

        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(device);
        Start = start;
        Length = length;
        Name = name;
        Device = device;
    }

    /// <summary>First address.</summary>
    public ulong Start { get; }

    /// <summary>Bytes.</summary>
    public ulong Length { get; }

    /// <summary>Last address, inclusive, so that a range may touch the top of the address space.</summary>
    public ulong Last => Start + (Length - 1);

    /// <summary>What the range is called in errors and listings.</summary>
    public string Name { get; }

    /// <summary>Who answers.</summary>
    public IBusDevice Device { get; }

    /// <summary>Whether two ranges share an address.</summary>
    public bool Overlaps(BusMapping other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Start <= other.Last && other.Start <= Last;
    }

    /// <summary>Name and range, as errors print them.</summary>
    public override string ToString() => $"'{Name}' (0x{Start:x}-0x{Last:x})";
}
