using System.Numerics;
using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Pci;

/// <summary>
/// Function 0 of a PCI device: configuration space, and base address registers that follow what the guest writes there.
/// </summary>
/// <remarks>Configuration accesses come from vCPU threads, one at a time behind a lock; the hooks run inside it. The
/// order of locks is bus, device, mapper.</remarks>
public abstract class PciDevice
{
    private const int SmallestBar = 16;

    private readonly Lock _gate = new();
    private readonly List<Bar> _bars = [];
    private IBarMapper? _mapper;
    private int _slot;

    /// <summary>A function without base address registers and capabilities.</summary>
    /// <param name="name">What to call it in listings.</param>
    /// <param name="identity">Who it says it is.</param>
    protected PciDevice(string name, PciIdentity identity)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Configuration = new ConfigurationSpace(identity);
    }

    /// <summary>What it is called in listings.</summary>
    public string Name { get; }

    /// <summary>The base address registers it has.</summary>
    public IReadOnlyList<Bar> Bars => _bars;

    /// <summary>Its configuration space; behind the lock, once it is plugged.</summary>
    protected ConfigurationSpace Configuration { get; }

    /// <summary>The guest reads configuration space.</summary>
    /// <param name="offset">From its start; the access ends within <see cref="ConfigurationSpace.Length"/>.</param>
    /// <param name="data">To fill.</param>
    public void ReadConfiguration(int offset, Span<byte> data)
    {
        lock (_gate)
        {
            OnConfigurationRead(offset, data.Length);
            Configuration.Read(offset, data);
        }
    }

    /// <summary>The guest writes configuration space.</summary>
    /// <param name="offset">From its start; the access ends within <see cref="ConfigurationSpace.Length"/>.</param>
    /// <param name="data">The bytes.</param>
    public void WriteConfiguration(int offset, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            Configuration.Write(offset, data);
            const int bars = PciRegister.BarCount * sizeof(uint);
            if (Touches(offset, data.Length, PciRegister.Command, sizeof(ushort))
                || Touches(offset, data.Length, PciRegister.FirstBar, bars))
            {
                Remap();
            }

            OnConfigurationWritten(offset, data.Length);
        }
    }

    /// <summary>The machine's reset: at rest, unconfigured and mapped nowhere.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            OnReset();
            Configuration.Reset();
            Remap();
        }
    }

    /// <summary>The configuration space. The vCPUs are held.</summary>
    public PciDeviceState Save()
    {
        lock (_gate)
        {
            return new PciDeviceState { Configuration = Configuration.Save() };
        }
    }

    /// <summary>Takes a saved configuration space over and maps what it says. The vCPUs are held.</summary>
    /// <exception cref="DeviceStateException">The state is of another version or not whole.</exception>
    public void Restore(PciDeviceState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion(Name, state.Version, PciDeviceState.CurrentVersion);
        if (state.Configuration.IsDefault || state.Configuration.Length != ConfigurationSpace.HeldLength)
        {
            throw new DeviceStateException(Name, $"its configuration space is not {ConfigurationSpace.HeldLength} bytes long");
        }

        lock (_gate)
        {
            Configuration.Restore(state.Configuration.AsSpan());
            Remap();
            OnRestored();
        }
    }

    /// <summary>Sits in a slot from now on.</summary>
    /// <exception cref="InvalidOperationException">It sits in one already.</exception>
    internal void Connect(int slot, IBarMapper mapper)
    {
        lock (_gate)
        {
            if (_mapper is not null)
            {
                throw new InvalidOperationException($"{Name} is in slot {_slot} already.");
            }

            _slot = slot;
            _mapper = mapper;
            Remap();
        }
    }

    /// <summary>Is out of its slot: mapped nowhere when this returns, whatever a vCPU still writes.</summary>
    internal void Disconnect()
    {
        lock (_gate)
        {
            Remap(decode: false);
            _mapper = null;
        }
    }

    /// <summary>Adds a base address register; for constructors.</summary>
    /// <param name="index">The register, the lower of two if it is 64 bits wide.</param>
    /// <param name="length">Bytes, a power of two, at least 16.</param>
    /// <param name="is64Bit">Whether it may be placed above 4 GiB.</param>
    /// <param name="device">Who answers there.</param>
    protected Bar AddBar(int index, ulong length, bool is64Bit, IBusDevice device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, PciRegister.BarCount - (is64Bit ? 2 : 1));
        if (!BitOperations.IsPow2(length) || length < SmallestBar || (!is64Bit && length > uint.MaxValue))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "A base address register has a power of two of bytes.");
        }

        Bar bar = new(Configuration, index, length, is64Bit, device);
        _bars.Add(bar);
        return bar;
    }

    /// <summary>Before the guest is shown bytes of configuration space.</summary>
    protected virtual void OnConfigurationRead(int offset, int length)
    {
    }

    /// <summary>After the guest has written bytes of configuration space.</summary>
    protected virtual void OnConfigurationWritten(int offset, int length)
    {
    }

    /// <summary>After configuration space has been taken over from a snapshot.</summary>
    protected virtual void OnRestored()
    {
    }

    /// <summary>A base address register answers somewhere else, or no more.</summary>
    protected virtual void OnMoved(Bar bar)
    {
    }

    /// <summary>The machine's reset, before configuration space is back at its values at power on.</summary>
    protected virtual void OnReset()
    {
    }

    /// <summary>Whether an access touches a register.</summary>
    protected static bool Touches(int offset, int length, int register, int registerLength) =>
        offset < register + registerLength && register < offset + length;

    private void Remap() => Remap((Configuration.Read16(PciRegister.Command) & PciRegister.MemorySpace) != 0);

    private void Remap(bool decode)
    {
        if (_mapper is not { } mapper)
        {
            return;
        }

        // What leaves goes first, so that two registers of a function can change places.
        foreach (Bar bar in _bars)
        {
            if (bar.Address is { } from && (!decode || bar.Programmed != from))
            {
                mapper.Unmap(from);
                bar.Moved(null);
                OnMoved(bar);
            }
        }

        // One that was refused is tried again: the guest may have cleared the place meanwhile.
        foreach (Bar bar in _bars)
        {
            if (decode && bar.Address is null && bar.Programmed is { } to
                && mapper.TryMap(to, bar.Length, $"{Name} 00:{_slot:x2}.0 BAR {bar.Index}", bar.Device))
            {
                bar.Moved(to);
                OnMoved(bar);
            }
        }
    }
}
