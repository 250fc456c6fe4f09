namespace StratoVirt.Devices.Pci;

/// <summary>
/// A root bus of 32 slots with a host bridge in slot 0, reached by memory-mapped configuration space (ECAM, PCI Express
/// 4.0 §7.2.2) and by the configuration ports of a PC. Devices have function 0 alone; there are no other buses.
/// </summary>
public sealed class PciRoot
{
    /// <summary>Slots.</summary>
    public const int SlotCount = 32;

    /// <summary>Bytes of ECAM for one bus.</summary>
    public const ulong EcamLengthPerBus = 1 << 20;

    private readonly Lock _changing = new();
    private readonly IBarMapper _mapper;
    private readonly PciDevice?[] _slots = new PciDevice?[SlotCount];

    /// <summary>A bus with nothing but its host bridge.</summary>
    /// <param name="mapper">Puts base address registers into the machine's address space.</param>
    public PciRoot(IBarMapper mapper)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        _mapper = mapper;
        Ecam = new PciEcam(this);
        Ports = new PciConfigurationPorts(this);
        Plug(0, new HostBridge());
    }

    /// <summary>Memory-mapped configuration space: <see cref="EcamLengthPerBus"/> bytes for bus 0, and as many for every
    /// further bus the machine's tables promise, where nobody answers.</summary>
    public PciEcam Ecam { get; }

    /// <summary>The configuration ports 0xCF8 to 0xCFF.</summary>
    public PciConfigurationPorts Ports { get; }

    /// <summary>What sits in a slot; null when it is empty or there is none.</summary>
    public PciDevice? this[int slot] => (uint)slot < SlotCount ? Volatile.Read(ref _slots[slot]) : null;

    /// <summary>The first empty slot; -1 when there is none.</summary>
    public int FindFreeSlot()
    {
        lock (_changing)
        {
            return Array.IndexOf(_slots, null);
        }
    }

    /// <summary>Puts a device into a slot; the guest finds it there from now on.</summary>
    /// <exception cref="InvalidOperationException">The slot is taken, or the device sits in one.</exception>
    public void Plug(int slot, PciDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        lock (_changing)
        {
            if (_slots[slot] is { } present)
            {
                throw new InvalidOperationException($"PCI slot {slot} holds {present.Name}.");
            }

            device.Connect(slot, _mapper);
            Volatile.Write(ref _slots[slot], device);
        }
    }

    /// <summary>
    /// Takes a device out of its slot. When this returns it is in no address space any more; a vCPU that was inside it
    /// finishes that one access. Whoever made the device disposes it.
    /// </summary>
    /// <returns>The device; null when the slot is empty.</returns>
    public PciDevice? Unplug(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        lock (_changing)
        {
            PciDevice? device = _slots[slot];
            Volatile.Write(ref _slots[slot], null);
            device?.Disconnect();
            return device;
        }
    }

    /// <summary>The machine's reset: every device, and the configuration ports.</summary>
    public void Reset()
    {
        lock (_changing)
        {
            foreach (PciDevice? device in _slots)
            {
                device?.Reset();
            }
        }

        Ports.Reset();
    }

    internal void ReadConfiguration(int bus, int slot, int function, int register, Span<byte> data)
    {
        if (Find(bus, slot, function, register, data.Length) is { } device)
        {
            device.ReadConfiguration(register, data);
        }
        else
        {
            // Nobody drives the bus (PCI 3.0 §6.1).
            data.Fill(0xFF);
        }
    }

    internal void WriteConfiguration(int bus, int slot, int function, int register, ReadOnlySpan<byte> data) =>
        Find(bus, slot, function, register, data.Length)?.WriteConfiguration(register, data);

    private PciDevice? Find(int bus, int slot, int function, int register, int length) =>
        bus == 0 && function == 0 && length <= ConfigurationSpace.Length - register ? this[slot] : null;
}
