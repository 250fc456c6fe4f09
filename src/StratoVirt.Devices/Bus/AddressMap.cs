using System.Diagnostics.CodeAnalysis;

namespace StratoVirt.Devices.Bus;

/// <summary>
/// Which device answers at which address: an immutable list of ranges, sorted and without overlap. Changing it makes
/// a new one, so that a vCPU looks addresses up without any lock while a device is plugged.
/// </summary>
public sealed class AddressMap
{
    private readonly BusMapping[] _mappings;

    // The search walks this array alone: eight starts to a cache line instead of one object each.
    private readonly ulong[] _starts;

    private AddressMap(BusMapping[] sorted)
    {
        _mappings = sorted;
        _starts = Array.ConvertAll(sorted, mapping => mapping.Start);
    }

    /// <summary>A map in which nobody answers.</summary>
    public static AddressMap Empty { get; } = new([]);

    /// <summary>The ranges, by ascending address.</summary>
    public ReadOnlySpan<BusMapping> Mappings => _mappings;

    /// <summary>A map with one range more.</summary>
    /// <exception cref="AddressOverlapException">A range is already there.</exception>
    public AddressMap With(BusMapping added)
    {
        ArgumentNullException.ThrowIfNull(added);
        int at = LastStartingAtOrBelow(added.Start) + 1;
        if (at > 0 && _mappings[at - 1].Overlaps(added))
        {
            throw new AddressOverlapException(_mappings[at - 1], added);
        }

        if (at < _mappings.Length && _mappings[at].Overlaps(added))
        {
            throw new AddressOverlapException(_mappings[at], added);
        }

        return new AddressMap([.. _mappings[..at], added, .. _mappings[at..]]);
    }

    /// <summary>A map without the range that starts at an address.</summary>
    /// <exception cref="ArgumentException">No range starts there.</exception>
    public AddressMap Without(ulong start)
    {
        int at = LastStartingAtOrBelow(start);
        if (at < 0 || _starts[at] != start)
        {
            throw new ArgumentException($"No device is mapped at 0x{start:x}.", nameof(start));
        }

        return new AddressMap([.. _mappings[..at], .. _mappings[(at + 1)..]]);
    }

    /// <summary>
    /// The device that answers a whole access; false when none does, or when the access runs over the device's end.
    /// </summary>
    /// <param name="address">First address accessed.</param>
    /// <param name="length">Bytes accessed, at least 1.</param>
    /// <param name="device">Who answers.</param>
    /// <param name="offset">Bytes from the start of its range.</param>
    public bool TryFind(ulong address, int length, [NotNullWhen(true)] out IBusDevice? device, out ulong offset)
    {
        int at = LastStartingAtOrBelow(address);
        if (at >= 0 && length > 0)
        {
            BusMapping mapping = _mappings[at];
            offset = address - mapping.Start;
            if (offset < mapping.Length && (ulong)length <= mapping.Length - offset)
            {
                device = mapping.Device;
                return true;
            }
        }

        device = null;
        offset = 0;
        return false;
    }

    private int LastStartingAtOrBelow(ulong address)
    {
        int low = 0;
        int high = _starts.Length;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_starts[middle] <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }
}
