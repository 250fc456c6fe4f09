using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Pci;

/// <summary>
/// Maps base address registers on the machine's memory bus, inside the windows of the host bridge alone. What a guest
/// places outside of them, over RAM say, never reaches a PCI device, as with a real bridge.
/// </summary>
public sealed class IoBusBarMapper : IBarMapper
{
    private readonly Lock _changing = new();
    private readonly IoBus _bus;
    private readonly BarWindow[] _windows;
    private ulong _mapped;
    private ulong _outside;
    private ulong _overlapping;

    /// <summary>Maps on a bus.</summary>
    /// <param name="bus">The bus of guest physical addresses.</param>
    /// <param name="windows">What the host bridge forwards; nothing but PCI devices is mapped there.</param>
    public IoBusBarMapper(IoBus bus, IReadOnlyList<BarWindow> windows)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(windows);
        _bus = bus;
        _windows = [.. windows];
    }

    /// <summary>Counters at this moment.</summary>
    public BarMetrics Metrics
    {
        get
        {
            lock (_changing)
            {
                return new BarMetrics(_mapped, _outside, _overlapping);
            }
        }
    }

    /// <inheritdoc/>
    public bool TryMap(ulong address, ulong length, string name, IBusDevice device)
    {
        lock (_changing)
        {
            if (!Array.Exists(_windows, window => window.Contains(address, length)))
            {
                _outside++;
                return false;
            }

            var mapping = new BusMapping(address, length, name, device);
            foreach (BusMapping present in _bus.Map.Mappings)
            {
                if (present.Overlaps(mapping))
                {
                    _overlapping++;
                    return false;
                }
            }

            _bus.Add(mapping);
            _mapped++;
            return true;
        }
    }

    /// <inheritdoc/>
    public void Unmap(ulong address)
    {
        lock (_changing)
        {
            _bus.Remove(address);
        }
    }
}
