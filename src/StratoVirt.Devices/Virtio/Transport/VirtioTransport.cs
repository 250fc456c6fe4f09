using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Transport;

/// <summary>
/// What every virtio transport does the same way: status, feature negotiation, queue set-up, activation and reset
/// (virtio 1.3 §3.1). A transport is the registers in front of it.
/// </summary>
/// <remarks>Registers are accessed by vCPU threads, one at a time behind a lock. A device's notifications to the driver
/// take no lock, because a reset waits, under the lock, for the device's thread.</remarks>
public abstract class VirtioTransport : IVirtioInterrupts, IDisposable
{
    private readonly Lock _gate = new();
    private readonly GuestMemory _memory;
    private readonly QueueRegisters[] _queues;
    private ulong _driverFeatures;
    private uint _deviceFeaturesSelect;
    private uint _driverFeaturesSelect;
    private int _status;
    private int _generation;

    /// <summary>Puts a device behind registers; owns it from now on.</summary>
    protected VirtioTransport(VirtioDevice device, GuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(memory);
        Device = device;
        _memory = memory;
        _queues = new QueueRegisters[device.QueueSizes.Count];
        ResetRegisters();
    }

    /// <summary>The device.</summary>
    public VirtioDevice Device { get; }

    /// <summary>The device status field.</summary>
    public VirtioStatus Status => (VirtioStatus)Volatile.Read(ref _status);

    /// <summary>Held while registers are accessed.</summary>
    protected Lock Gate => _gate;

    /// <summary>Changes whenever configuration space does.</summary>
    protected uint ConfigurationGeneration => (uint)Volatile.Read(ref _generation);

    /// <summary>The queue whose registers are shown.</summary>
    protected uint QueueSelect { get; set; }

    private ulong OfferedFeatures => Device.Features | Device.CommonFeatures;

    /// <inheritdoc/>
    public abstract void UsedBuffers(int queue);

    /// <inheritdoc/>
    public void ConfigurationChanged()
    {
        Interlocked.Increment(ref _generation);
        if (Status.HasFlag(VirtioStatus.DriverOk))
        {
            InterruptForConfiguration();
        }
    }

    /// <inheritdoc/>
    public void NeedsReset()
    {
        Interlocked.Or(ref _status, (int)VirtioStatus.NeedsReset);
        ConfigurationChanged();
    }

    /// <summary>The machine's reset, and removal: as the driver's.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            ResetLocked();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends transport and device.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Reset();
            Device.Dispose();
        }
    }

    /// <summary>Tells the driver that configuration space has changed.</summary>
    protected abstract void InterruptForConfiguration();

    /// <summary>Registers of the transport itself go back to their values at power on.</summary>
    protected abstract void OnReset();

    /// <summary>The window of device features chosen.</summary>
    protected void SelectDeviceFeatures(uint window) => _deviceFeaturesSelect = window;

    /// <summary>The window of driver features chosen.</summary>
    protected void SelectDriverFeatures(uint window) => _driverFeaturesSelect = window;

    /// <summary>32 features offered.</summary>
    protected uint ReadDeviceFeatures() => _deviceFeaturesSelect switch
    {
        0 => (uint)OfferedFeatures,
        1 => (uint)(OfferedFeatures >> 32),
        _ => 0,
    };

    /// <summary>32 features as the driver has accepted them.</summary>
    protected uint ReadDriverFeatures() => _driverFeaturesSelect switch
    {
        0 => (uint)_driverFeatures,
        1 => (uint)(_driverFeatures >> 32),
        _ => 0,
    };

    /// <summary>The driver accepts features; ignored once FEATURES_OK is set.</summary>
    protected void WriteDriverFeatures(uint value)
    {
        if (Status.HasFlag(VirtioStatus.FeaturesOk))
        {
            return;
        }

        _driverFeatures = _driverFeaturesSelect switch
        {
            0 => (_driverFeatures & 0xFFFF_FFFF_0000_0000) | value,
            1 => (_driverFeatures & 0xFFFF_FFFF) | ((ulong)value << 32),
            _ => _driverFeatures,
        };
    }

    /// <summary>Whether the driver has accepted a feature and the device that choice.</summary>
    protected bool IsNegotiated(ulong feature) =>
        Status.HasFlag(VirtioStatus.FeaturesOk) && (_driverFeatures & feature) == feature;

    /// <summary>The driver writes the status field.</summary>
    protected void WriteStatus(byte value)
    {
        if (value == 0)
        {
            ResetLocked();
            return;
        }

        var written = (VirtioStatus)value & ~VirtioStatus.NeedsReset;
        VirtioStatus before = Status;
        if (written.HasFlag(VirtioStatus.FeaturesOk) && !before.HasFlag(VirtioStatus.FeaturesOk) && !FeaturesAcceptable)
        {
            written &= ~VirtioStatus.FeaturesOk;
        }

        // Without FEATURES_OK the device is unusable (§3.1.1, step 6): it does not go live.
        if (!(before | written).HasFlag(VirtioStatus.FeaturesOk))
        {
            written &= ~VirtioStatus.DriverOk;
        }

        // A bit once set stays until a reset (§2.1.1).
        Interlocked.Or(ref _status, (int)written);
        if (written.HasFlag(VirtioStatus.DriverOk) && !before.HasFlag(VirtioStatus.DriverOk))
        {
            Activate();
        }
    }

    /// <summary>The most entries the selected queue can have; 0 when there is no such queue.</summary>
    protected ushort ReadQueueSizeMax() => QueueSelect < _queues.Length ? Device.QueueSizes[(int)QueueSelect] : (ushort)0;

    /// <summary>Entries chosen for the selected queue.</summary>
    protected ushort ReadQueueSize() => QueueSelect < _queues.Length ? _queues[QueueSelect].Size : (ushort)0;

    /// <summary>Whether the selected queue is enabled.</summary>
    protected bool ReadQueueEnabled() => QueueSelect < _queues.Length && _queues[QueueSelect].Enabled;

    /// <summary>The registers of the selected queue, for changing; null reference when it is enabled or does not exist.</summary>
    internal ref QueueRegisters Selected()
    {
        if (QueueSelect < _queues.Length && !_queues[QueueSelect].Enabled)
        {
            return ref _queues[QueueSelect];
        }

        return ref System.Runtime.CompilerServices.Unsafe.NullRef<QueueRegisters>();
    }

    /// <summary>The registers of the selected queue, for reading.</summary>
    internal QueueRegisters ReadSelected() => QueueSelect < _queues.Length ? _queues[QueueSelect] : default;

    /// <summary>The driver enables the selected queue.</summary>
    protected void EnableQueue()
    {
        if (QueueSelect >= _queues.Length || _queues[QueueSelect].Enabled)
        {
            return;
        }

        int index = (int)QueueSelect;
        _queues[index].Enabled = true;
        if (Status.HasFlag(VirtioStatus.DriverOk) && TryMakeQueue(index, out Virtqueue? queue))
        {
            Device.ReplaceQueue(index, queue);
        }
    }

    /// <summary>The driver resets the selected queue (§2.6.1); done when this returns.</summary>
    protected void ResetQueue()
    {
        if (QueueSelect >= _queues.Length)
        {
            return;
        }

        int index = (int)QueueSelect;
        Device.ReplaceQueue(index, null);
        _queues[index] = new QueueRegisters { Size = Device.QueueSizes[index] };
    }

    /// <summary>The driver notifies of a queue by a write that reached this process.</summary>
    protected void Notify(uint queue)
    {
        if (queue < (uint)Device.Doorbells.Count)
        {
            Device.Doorbells[(int)queue].Ring();
        }
    }

    /// <summary>The driver reads configuration space; what lies behind its end reads as zero.</summary>
    protected void ReadConfiguration(ulong offset, Span<byte> data)
    {
        if (offset < (ulong)Device.ConfigurationLength && (ulong)data.Length <= (ulong)Device.ConfigurationLength - offset)
        {
            Device.ReadConfiguration((int)offset, data);
        }
        else
        {
            data.Clear();
        }
    }

    /// <summary>The driver writes configuration space; what lies behind its end is dropped.</summary>
    protected void WriteConfiguration(ulong offset, ReadOnlySpan<byte> data)
    {
        if (offset < (ulong)Device.ConfigurationLength && (ulong)data.Length <= (ulong)Device.ConfigurationLength - offset)
        {
            Device.WriteConfiguration((int)offset, data);
        }
    }

    private bool FeaturesAcceptable =>
        (_driverFeatures & ~OfferedFeatures) == 0 && (_driverFeatures & VirtioFeatures.Version1) != 0;

    private VirtqueueOptions QueueOptions
    {
        get
        {
            VirtqueueOptions options = VirtqueueOptions.None;
            options |= (_driverFeatures & VirtioFeatures.PackedRing) != 0 ? VirtqueueOptions.Packed : 0;
            options |= (_driverFeatures & VirtioFeatures.IndirectDescriptors) != 0 ? VirtqueueOptions.Indirect : 0;
            options |= (_driverFeatures & VirtioFeatures.EventIndex) != 0 ? VirtqueueOptions.EventIndex : 0;
            return options;
        }
    }

    private void Activate()
    {
        var queues = new Virtqueue?[_queues.Length];
        for (int i = 0; i < queues.Length; i++)
        {
            if (_queues[i].Enabled && !TryMakeQueue(i, out queues[i]))
            {
                return;
            }
        }

        Device.Activate(new VirtioActivation
        {
            Features = _driverFeatures,
            Memory = _memory,
            Queues = queues,
            Interrupts = this,
        });
    }

    private bool TryMakeQueue(int index, out Virtqueue? queue)
    {
        queue = null;
        VirtqueueFault fault = _queues[index].Size > Device.QueueSizes[index]
            ? VirtqueueFault.BadSize
            : Virtqueue.TryCreate(_queues[index].Describe(index), QueueOptions, _memory, out queue);
        if (fault == VirtqueueFault.None)
        {
            return true;
        }

        Device.Refuse($"the driver described queue {index} wrongly: {fault}");
        NeedsReset();
        return false;
    }

    private void ResetLocked()
    {
        Device.Reset();
        ResetRegisters();
        OnReset();
    }

    private void ResetRegisters()
    {
        Volatile.Write(ref _status, 0);
        _driverFeatures = 0;
        _deviceFeaturesSelect = 0;
        _driverFeaturesSelect = 0;
        QueueSelect = 0;
        for (int i = 0; i < _queues.Length; i++)
        {
            _queues[i] = new QueueRegisters { Size = Device.QueueSizes[i] };
        }
    }
}
