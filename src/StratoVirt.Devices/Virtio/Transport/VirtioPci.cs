using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Pci.Msix;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Transport;

/// <summary>
/// A device behind PCI, without the legacy interface (virtio 1.3 §4.1). It interrupts by MSI-X, one vector for each queue
/// and one for configuration; there is no interrupt pin, so a driver that leaves MSI-X off can only poll.
/// </summary>
/// <remarks><see cref="Function"/> is what goes into a slot. As a bus device this is what its base address register
/// shows. The order of locks is function, transport, MSI-X table.</remarks>
public sealed partial class VirtioPci : VirtioTransport, IBusDevice
{
    /// <summary>Bytes from one queue's notification address to the next's.</summary>
    public const ulong NotifyStride = VirtioPciLayout.NotifyMultiplier;

    private const int UsedBuffersStatus = 1 << 0;
    private const int ConfigurationStatus = 1 << 1;

    private readonly VirtioPciFunction _function;
    private readonly ushort[] _queueVectors;
    private ushort _configurationVector = NoVector;
    private uint _deviceFeatureSelect;
    private uint _driverFeatureSelect;
    private int _interruptStatus;
    private uint _seenGeneration;
    private byte _shownGeneration;
    private bool _disposed;

    /// <summary>Puts a device behind PCI; owns it from now on, unless this throws.</summary>
    /// <param name="device">The device.</param>
    /// <param name="memory">Guest memory.</param>
    /// <param name="router">Gives routes to its interrupts, one more than the device has queues.</param>
    /// <exception cref="InvalidOperationException">The machine has not that many routes left.</exception>
    /// <exception cref="ArgumentException">The device has more than 1024 queues.</exception>
    public VirtioPci(VirtioDevice device, GuestMemory memory, IMsiRouter router)
        : base(device, memory)
    {
        if (device.QueueSizes.Count > VirtioPciLayout.MostQueues)
        {
            throw new ArgumentException($"A device has {VirtioPciLayout.MostQueues} queues at most.", nameof(device));
        }

        _queueVectors = new ushort[device.QueueSizes.Count];
        Array.Fill(_queueVectors, NoVector);
        Msix = new MsixTable(device.QueueSizes.Count + 1, router);
        _function = new VirtioPciFunction(this);
    }

    /// <summary>The address of <see cref="NotifyAddress"/> has changed. Raised on the thread that changed it, a vCPU's or
    /// the one that plugs and resets, one at a time; the handler returns soon and throws nothing.</summary>
    public event Action? NotifyAddressChanged;

    /// <summary>What goes into a slot.</summary>
    public PciDevice Function => _function;

    /// <summary>Its interrupts.</summary>
    public MsixTable Msix { get; }

    /// <summary>
    /// Where the driver notifies of queue 0, a guest physical address; queue n follows n times <see cref="NotifyStride"/>
    /// behind it. The kernel can listen there for writes of any value and width. Null while the device is mapped nowhere.
    /// </summary>
    public ulong? NotifyAddress => _function.Bar.Address + VirtioPciLayout.Notify;

    /// <inheritdoc/>
    public override void UsedBuffers(int queue)
    {
        // ISR is for drivers without MSI-X (§4.1.4.5.1).
        if (Msix.IsEnabled)
        {
            Msix.Trigger(Volatile.Read(ref _queueVectors[queue]));
        }
        else
        {
            Interlocked.Or(ref _interruptStatus, UsedBuffersStatus);
        }
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data)
    {
        switch (offset)
        {
            case >= VirtioPciLayout.MsixPending:
                Msix.ReadPending(offset - VirtioPciLayout.MsixPending, data);
                return;
            case >= VirtioPciLayout.MsixTable:
                Msix.ReadTable(offset - VirtioPciLayout.MsixTable, data);
                return;
            default:
                break;
        }

        lock (Gate)
        {
            if (_disposed)
            {
                return;
            }

            switch (offset)
            {
                case >= VirtioPciLayout.Notify:
                    break;
                case >= VirtioPciLayout.Configuration:
                    _ = ShownGeneration();
                    ReadConfiguration(offset - VirtioPciLayout.Configuration, data);
                    break;
                case VirtioPciLayout.InterruptStatus:
                    // Reading clears it (§4.1.4.5.1).
                    data[0] = (byte)Interlocked.Exchange(ref _interruptStatus, 0);
                    break;
                case < VirtioPciLayout.RegistersLength:
                    ReadRegisters((int)offset, data);
                    break;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if (offset is >= VirtioPciLayout.MsixTable and < VirtioPciLayout.MsixTable + VirtioPciLayout.MsixTableLength)
        {
            Msix.WriteTable(offset - VirtioPciLayout.MsixTable, data);
            return;
        }

        lock (Gate)
        {
            if (_disposed)
            {
                return;
            }

            switch (offset)
            {
                case >= VirtioPciLayout.Notify + VirtioPciLayout.NotifyLength:
                    break;
                case >= VirtioPciLayout.Notify:
                    // The address says which queue, as it does where the kernel listens.
                    Notify((uint)(offset - VirtioPciLayout.Notify) / VirtioPciLayout.NotifyMultiplier);
                    break;
                case >= VirtioPciLayout.Configuration:
                    WriteConfiguration(offset - VirtioPciLayout.Configuration, data);
                    break;
                case < VirtioPciLayout.RegistersLength:
                    WriteRegister((int)offset, data);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The PCI side. The vCPUs are held and the device is at rest.</summary>
    public VirtioPciState SaveRegisters()
    {
        PciDeviceState function = _function.Save();
        lock (Gate)
        {
            return new VirtioPciState
            {
                Function = function,
                Msix = Msix.Save(),
                ConfigurationVector = _configurationVector,
                QueueVectors = [.. _queueVectors],
                InterruptStatus = (byte)Volatile.Read(ref _interruptStatus),
                Generation = ShownGeneration(),
            };
        }
    }

    /// <summary>Takes the PCI side over; maps it and sends interrupts that wait. The vCPUs are held.</summary>
    /// <exception cref="DeviceStateException">The state is of another version or another device.</exception>
    public void RestoreRegisters(VirtioPciState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        string name = _function.Name;
        DeviceStateException.CheckVersion(name, state.Version, VirtioPciState.CurrentVersion);
        if (state.Function is null || state.Msix is null
            || state.QueueVectors.IsDefault || state.QueueVectors.Length != _queueVectors.Length)
        {
            throw new DeviceStateException(name, $"it is not of a device with {_queueVectors.Length} queues");
        }

        Msix.Restore(state.Msix);
        lock (Gate)
        {
            _configurationVector = Checked(state.ConfigurationVector);
            for (int i = 0; i < _queueVectors.Length; i++)
            {
                _queueVectors[i] = Checked(state.QueueVectors[i]);
            }

            Volatile.Write(ref _interruptStatus, state.InterruptStatus & (UsedBuffersStatus | ConfigurationStatus));
            _seenGeneration = ConfigurationGeneration;
            _shownGeneration = state.Generation;
        }

        _function.Restore(state.Function);
    }

    /// <summary>The base address register answers somewhere else, or no more.</summary>
    internal void Moved() => NotifyAddressChanged?.Invoke();

    /// <summary>The machine's reset, coming by the function, whose message control is cleared after this.</summary>
    internal void ResetBehindFunction()
    {
        Reset();
        Msix.Reset();
    }

    /// <inheritdoc/>
    protected override void InterruptForConfiguration()
    {
        // Set with MSI-X too (§4.1.4.5.1).
        Interlocked.Or(ref _interruptStatus, ConfigurationStatus);
        Msix.Trigger(Volatile.Read(ref _configurationVector));
    }

    /// <summary>The driver's reset unmaps every interrupt (§4.1.5.1.2.1) and leaves the PCI function as it is.</summary>
    protected override void OnReset()
    {
        Volatile.Write(ref _interruptStatus, 0);
        Volatile.Write(ref _configurationVector, NoVector);
        for (int i = 0; i < _queueVectors.Length; i++)
        {
            Volatile.Write(ref _queueVectors[i], NoVector);
        }

        _deviceFeatureSelect = 0;
        _driverFeatureSelect = 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // A vCPU may still be on its way in when the machine has unplugged the device.
            lock (Gate)
            {
                _disposed = true;
            }
        }

        base.Dispose(disposing);
        if (disposing)
        {
            Msix.Dispose();
        }
    }

    // Eight bits that count every change would come round: it counts changes a driver can have seen (§4.1.4.3.1).
    private byte ShownGeneration()
    {
        uint now = ConfigurationGeneration;
        if (now != _seenGeneration)
        {
            _seenGeneration = now;
            _shownGeneration++;
        }

        return _shownGeneration;
    }
}
