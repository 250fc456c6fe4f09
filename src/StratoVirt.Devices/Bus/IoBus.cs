namespace StratoVirt.Devices.Bus;

/// <summary>
/// Carries the guest's accesses to devices: one for ports, one for memory-mapped registers. Looking up takes no lock
/// and allocates nothing; a vCPU already inside a device when it is unmapped finishes that one access.
/// </summary>
public sealed class IoBus
{
    private readonly Lock _changing = new();
    private readonly ulong _last;
    private volatile AddressMap _map = AddressMap.Empty;
    private ulong _unclaimedReads;
    private ulong _unclaimedWrites;
    private ulong _lastUnclaimed;

    private IoBus(string name, ulong last)
    {
        Name = name;
        _last = last;
    }

    /// <summary>What the bus is called in errors.</summary>
    public string Name { get; }

    /// <summary>The present map.</summary>
    public AddressMap Map => _map;

    /// <summary>Accesses that no device took, since the bus was made.</summary>
    public BusMetrics Metrics =>
        new(Volatile.Read(ref _unclaimedReads), Volatile.Read(ref _unclaimedWrites), Volatile.Read(ref _lastUnclaimed));

    /// <summary>A bus of 65536 x86 I/O ports.</summary>
    public static IoBus ForPorts() => new("port I/O", ushort.MaxValue);

    /// <summary>A bus of guest physical addresses.</summary>
    public static IoBus ForMemory() => new("memory-mapped I/O", ulong.MaxValue);

    /// <summary>Puts a device on the bus; accesses reach it from now on.</summary>
    /// <exception cref="AddressOverlapException">A device is already there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is longer than the bus.</exception>
    public void Add(BusMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        if (mapping.Last > _last)
        {
            throw new ArgumentOutOfRangeException(nameof(mapping), $"{mapping} does not fit on the {Name} bus, which ends at 0x{_last:x}.");
        }

        lock (_changing)
        {
            _map = _map.With(mapping);
        }
    }

    /// <summary>Puts a device on the bus; accesses reach it from now on.</summary>
    /// <exception cref="AddressOverlapException">A device is already there.</exception>
    public void Add(ulong start, ulong length, string name, IBusDevice device) => Add(new BusMapping(start, length, name, device));

    /// <summary>Takes the device off that starts at an address.</summary>
    /// <exception cref="ArgumentException">No device starts there.</exception>
    public void Remove(ulong start)
    {
        lock (_changing)
        {
            _map = _map.Without(start);
        }
    }

    /// <summary>The guest reads.</summary>
    /// <param name="address">First address.</param>
    /// <param name="data">1, 2, 4 or 8 bytes; filled in any case.</param>
    /// <returns>False when no device took it; the guest then sees ones, as on an undriven bus.</returns>
    public bool Read(ulong address, Span<byte> data)
    {
        if (_map.TryFind(address, data.Length, out IBusDevice? device, out ulong offset))
        {
            data.Clear();
            device.Read(offset, data);
            return true;
        }

        data.Fill(0xFF);
        Interlocked.Increment(ref _unclaimedReads);
        Volatile.Write(ref _lastUnclaimed, address);
        return false;
    }

    /// <summary>The guest writes.</summary>
    /// <param name="address">First address.</param>
    /// <param name="data">1, 2, 4 or 8 bytes.</param>
    /// <returns>False when no device took it.</returns>
    public bool Write(ulong address, ReadOnlySpan<byte> data)
    {
        if (_map.TryFind(address, data.Length, out IBusDevice? device, out ulong offset))
        {
            device.Write(offset, data);
            return true;
        }

        Interlocked.Increment(ref _unclaimedWrites);
        Volatile.Write(ref _lastUnclaimed, address);
        return false;
    }
}
