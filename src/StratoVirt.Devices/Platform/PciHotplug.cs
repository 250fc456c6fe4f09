using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Interrupts;
using StratoVirt.Devices.Pci;

namespace StratoVirt.Devices.Platform;

/// <summary>
/// The registers between the machine's AML and hot-plug on a PCI root bus: bitmaps of 32 bits, one a slot. The event
/// method reads which slots have news and notifies of them (ACPI 6.5 §5.6.6: 1, device check; 3, eject request), a slot's
/// <c>_EJ0</c> (§6.3.3) writes its bit to <see cref="EjectOffset"/>. Like QEMU's interface, with its own summary.
/// </summary>
/// <remarks>An ejection takes the device off the bus before the guest's write returns, so that a guest which looks at the
/// slot at once finds it empty.</remarks>
public sealed class PciHotplug : IBusDevice
{
    /// <summary>Bytes of address space.</summary>
    public const ulong Length = 0x14;

    /// <summary>Offset of the slots plugged since it was read; reading clears it.</summary>
    public const int UpOffset = 0x00;

    /// <summary>Offset of the slots whose ejection was asked for since it was read; reading clears it.</summary>
    public const int DownOffset = 0x04;

    /// <summary>Offset of the register that ejects the slots whose bits are written as one; reads as zero.</summary>
    public const int EjectOffset = 0x08;

    /// <summary>Offset of the slots that hold a device which can be ejected.</summary>
    public const int RemovableOffset = 0x0C;

    /// <summary>Offset of the summary: <see cref="UpPending"/> and <see cref="DownPending"/>.</summary>
    public const int SummaryOffset = 0x10;

    /// <summary>Summary: <see cref="UpOffset"/> is not zero.</summary>
    public const uint UpPending = 1 << 0;

    /// <summary>Summary: <see cref="DownOffset"/> is not zero.</summary>
    public const uint DownPending = 1 << 1;

    private readonly Lock _gate = new();
    private readonly PciRoot _root;
    private readonly IInterruptLine _events;
    private readonly Action<int, PciDevice> _ejected;
    private uint _up;
    private uint _down;
    private uint _ejecting;
    private uint _removable;

    /// <summary>Wires the registers.</summary>
    /// <param name="root">The bus.</param>
    /// <param name="events">Has the event method run: its bit of the event-select register, then the interrupt.</param>
    /// <param name="ejected">Told of a device that has left its slot, on the thread of the vCPU that ejected it or of who
    /// resets the machine. It hands the device over to whoever disposes it, and returns at once.</param>
    public PciHotplug(PciRoot root, IInterruptLine events, Action<int, PciDevice> ejected)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(ejected);
        _root = root;
        _events = events;
        _ejected = ejected;
    }

    /// <summary>Puts a device into a slot, from where the guest can eject it.</summary>
    /// <param name="slot">1 to 31.</param>
    /// <param name="device">The device.</param>
    /// <param name="announce">Whether to tell the guest: not before it has started, since it will look at every slot.</param>
    /// <exception cref="InvalidOperationException">The slot is taken, or the device sits in one.</exception>
    public void Plug(int slot, PciDevice device, bool announce)
    {
        lock (_gate)
        {
            _root.Plug(slot, device);
            _removable |= 1u << slot;
            _up |= announce ? 1u << slot : 0;
        }

        if (announce)
        {
            _events.Trigger();
        }
    }

    /// <summary>Asks the guest to eject a slot; it may take its time, or never do it. Asking again is allowed.</summary>
    /// <returns>False when the slot holds nothing that can be ejected.</returns>
    public bool RequestEject(int slot)
    {
        lock (_gate)
        {
            if (!Has(_removable, slot))
            {
                return false;
            }

            _down |= 1u << slot;
            _ejecting |= 1u << slot;
        }

        _events.Trigger();
        return true;
    }

    /// <summary>Whether an ejection was asked for and has not happened.</summary>
    public bool IsEjecting(int slot)
    {
        lock (_gate)
        {
            return Has(_ejecting, slot);
        }
    }

    /// <summary>Takes a device out without asking the guest, who is told nothing.</summary>
    /// <returns>The device, for the caller to dispose; null when the slot holds nothing that can be ejected.</returns>
    public PciDevice? Remove(int slot)
    {
        lock (_gate)
        {
            return Has(_removable, slot) ? Unplug(slot) : null;
        }
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data)
    {
        lock (_gate)
        {
            for (int i = 0; i < data.Length; i++)
            {
                ulong at = offset + (ulong)i;
                int shift = (int)(at % sizeof(uint)) * 8;
                uint mask = 0xFFu << shift;
                data[i] = (byte)((at - (at % sizeof(uint))) switch
                {
                    UpOffset => Take(ref _up, mask) >> shift,
                    DownOffset => Take(ref _down, mask) >> shift,
                    RemovableOffset => _removable >> shift,
                    SummaryOffset => ((_up != 0 ? UpPending : 0) | (_down != 0 ? DownPending : 0)) >> shift,
                    _ => 0u,
                });
            }
        }
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        uint slots = 0;
        for (int i = 0; i < data.Length; i++)
        {
            ulong at = offset + (ulong)i;
            if (at is >= EjectOffset and < EjectOffset + sizeof(uint))
            {
                slots |= (uint)data[i] << ((int)(at - EjectOffset) * 8);
            }
        }

        Eject(slots);
    }

    /// <summary>The machine's reset, after the bus's. What the guest was asked to eject leaves now: a guest that starts
    /// anew would never be asked again.</summary>
    public void Reset()
    {
        uint ejecting;
        lock (_gate)
        {
            _up = 0;
            _down = 0;
            ejecting = _ejecting;
        }

        Eject(ejecting);
    }

    /// <summary>The state. The vCPUs are held.</summary>
    public PciHotplugState Save()
    {
        lock (_gate)
        {
            return new PciHotplugState { Up = _up, Down = _down, Ejecting = _ejecting, Removable = _removable };
        }
    }

    /// <summary>Takes a saved state over, the devices being in their slots, and signals news that wait. The vCPUs are held.</summary>
    /// <exception cref="DeviceStateException">The state is of another version, or a slot it speaks of is empty.</exception>
    public void Restore(PciHotplugState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        const string name = "PCI hot-plug";
        DeviceStateException.CheckVersion(name, state.Version, PciHotplugState.CurrentVersion);
        for (int slot = 0; slot < PciRoot.SlotCount; slot++)
        {
            if (Has(state.Removable, slot) && (slot == 0 || _root[slot] is null))
            {
                throw new DeviceStateException(name, $"nothing that can be ejected is in slot {slot}");
            }
        }

        lock (_gate)
        {
            _removable = state.Removable;
            _up = state.Up & state.Removable;
            _down = state.Down & state.Removable;
            _ejecting = state.Ejecting & state.Removable;
        }

        if (((state.Up | state.Down) & state.Removable) != 0)
        {
            _events.Trigger();
        }
    }

    private static bool Has(uint slots, int slot) => (uint)slot < PciRoot.SlotCount && (slots & (1u << slot)) != 0;

    private static uint Take(ref uint register, uint mask)
    {
        uint value = register & mask;
        register &= ~mask;
        return value;
    }

    private void Eject(uint slots)
    {
        for (int slot = 0; slot < PciRoot.SlotCount; slot++)
        {
            if (Has(slots, slot) && Remove(slot) is { } device)
            {
                // Outside the lock: the machine may ask for something in return.
                _ejected(slot, device);
            }
        }
    }

    private PciDevice? Unplug(int slot)
    {
        uint kept = ~(1u << slot);
        _up &= kept;
        _down &= kept;
        _ejecting &= kept;
        _removable &= kept;
        return _root.Unplug(slot);
    }
}
