using StratoVirt.Backends.Char;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Platform;
using StratoVirt.Kvm;
using StratoVirt.Linux;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Building.Devices;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Vcpu;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Building;

/// <summary>
/// An assembled microVM: what lasts from its building to its end, and the KVM instance that a reset replaces. Driven
/// by its <see cref="StateDriver"/>; called by its devices and vCPUs.
/// </summary>
internal sealed class MicroVm : IDrivenMachine, IMachineControl
{
    private readonly string _name;
    private readonly KvmSystem _kvm;
    private readonly BootPlan _plan;
    private readonly GuestMemory _memory;
    private readonly MicroVmDevices _devices;
    private readonly VirtioBoard _board;
    private readonly PciBoard? _pci;
    private readonly ExitDispatcher[] _dispatchers;
    private readonly Lock _memoryGate = new();
    private KvmInstance _instance;
    private StateDriver? _driver;
    private VcpuFault? _fault;
    private bool _hasRun;
    private bool _devicesPaused;
    private bool _memoryGone;

    /// <summary>Takes ownership of all it is given and loads the guest.</summary>
    /// <param name="name">Name of the machine.</param>
    /// <param name="kvm">The host's KVM.</param>
    /// <param name="plan">What to boot.</param>
    /// <param name="memory">Guest RAM.</param>
    /// <param name="console">Where the serial port prints.</param>
    /// <param name="board">Its virtio devices.</param>
    public MicroVm(
        string name, KvmSystem kvm, BootPlan plan, GuestMemory memory, ICharBackend console, VirtioBoard board)
    {
        _name = name;
        _kvm = kvm;
        _plan = plan;
        _memory = memory;
        _board = board;
        _devices = new MicroVmDevices(console, this, plan.Acpi);
        _board.Context.HostFailed = () => Report(GuestEvents.HostFailed);
        _board.Context.MemoryFileChanged = () => Report(GuestEvents.MemoryFileChanged);
        _board.Context.BalloonChanged = () => Report(GuestEvents.Ballooned);
        _board.PlaceOn(_devices.Mmio);
        if (plan.Acpi)
        {
            _pci = new PciBoard(
                _devices.Pio,
                _devices.Mmio,
                memory,
                plan.PciHighWindow,
                new EventLine(_devices.Power, PlatformPorts.PciEvent),
                () => Report(GuestEvents.Ejected),
                name => Happened?.Invoke(new DeviceRemoved(name)));
        }

        _dispatchers = new ExitDispatcher[plan.Cpus];
        for (int i = 0; i < _dispatchers.Length; i++)
        {
            _dispatchers[i] = new ExitDispatcher(_devices.Pio, _devices.Mmio, memory, Report);
        }

        try
        {
            _instance = CreateInstance();
        }
        catch
        {
            _devices.Dispose();
            throw;
        }
    }

    /// <summary>Told of what happens to it, on the driver's thread. Set before the driver is attached.</summary>
    public Action<MachineEvent>? Happened { get; set; }

    /// <summary>The kernel's ids of the threads that run its vCPUs now.</summary>
    public IReadOnlyList<int> VcpuThreads => _instance.ThreadIds;

    /// <summary>The boot marks so far.</summary>
    public BootMarkLog BootMarks { get; } = new();

    /// <summary>The devices.</summary>
    public MicroVmDevices Devices => _devices;

    /// <summary>Whether the guest has a power button.</summary>
    public bool HasPowerButton => _plan.Acpi;

    /// <summary>Counters at this moment.</summary>
    public MachineMetrics Metrics => new([.. _dispatchers.Select(dispatcher => dispatcher.Metrics)]);

    /// <summary>The guest's memory at this moment; zeros when it is gone. From any thread.</summary>
    public MachineMemory MeasureMemory()
    {
        lock (_memoryGate)
        {
            if (_memoryGone)
            {
                return default;
            }

            List<(nint Start, ulong Length)> ranges = [];
            foreach (GuestMemoryRegion region in _memory.Regions)
            {
                ranges.Add((region.HostAddress, region.Range.Length));
            }

            return new MachineMemory(_memory.TotalLength, ResidentMemory.Of(ranges));
        }
    }

    /// <summary>The devices as the outside sees them.</summary>
    public IReadOnlyList<VmDevice> DescribeDevices() =>
        [.. ListDevices().SelectMany(device => device.Describe())];

    /// <summary>What a console port without a host end of its own prints and takes; null when there is none.</summary>
    public VmConsole? FindConsole(string name) => ListDevices().Select(device => device.Assembly).OfType<ConsoleAssembly>()
        .Select(console => console.FindConsole(name)).FirstOrDefault(console => console is not null);

    /// <summary>Tells the guest how large the terminal at a console port is; false when there is no such console.</summary>
    public bool ResizeConsole(string name, ushort columns, ushort rows) => ListDevices().Select(device => device.Assembly)
        .OfType<ConsoleAssembly>().Any(console => console.Resize(name, columns, rows));

    /// <summary>Plugs a device in; on the driver's thread.</summary>
    /// <exception cref="MachineException">The name is taken, there is no slot, or the device cannot be made.</exception>
    public void AddDevice(DeviceSpec spec, HostEnds? ends)
    {
        if (_pci is null)
        {
            throw DeviceFault.NoHotPlug(_name);
        }

        if (ListParts().Any(present => DeviceNames.AreSame(present.Part.Spec.Name, spec.Name)))
        {
            throw DeviceFault.NameTaken(_name, spec.Name);
        }

        if (spec is ConsolePortSpec port && ListDevices().Select(device => device.Assembly).OfType<ConsoleAssembly>().FirstOrDefault() is { } console)
        {
            console.Add(port, _board.Context, ends);
            Happened?.Invoke(new DeviceAdded(port.Name));
            return;
        }

        if (spec is PersistentMemorySpec or MemoryDeviceSpec)
        {
            throw DeviceFault.OnlyInDefinition(_name, spec.Name);
        }

        if (_board.Context.Guard is not null && spec is (ShareSpec or NetworkSpec { User: true }))
        {
            throw DeviceFault.NeedsHelper(_name, spec.Name, spec is ShareSpec ? "virtiofsd" : "passt");
        }

        int slot = _pci.FindSlot(_name);
        DeviceAssembly assembly = DeviceFamilies.Create(spec, _board.Context, ends);
        try
        {
            _pci.Plug(assembly, slot, _instance.Vm, announce: _hasRun, _devicesPaused);
        }
        catch
        {
            assembly.Discard();
            throw;
        }

        Happened?.Invoke(new DeviceAdded(spec.Name));
    }

    /// <summary>Takes a device out, or asks the guest for it; on the driver's thread.</summary>
    /// <returns>Done when it is out.</returns>
    /// <exception cref="MachineException">There is none of that name, or it is part of the definition.</exception>
    public Task RemoveDevice(string name)
    {
        AttachedDevice device = Find(name);
        if (device.Assembly.TryRemovePart(name))
        {
            Happened?.Invoke(new DeviceRemoved(name));
            return Task.CompletedTask;
        }

        if (device.Place.Bus != VmDeviceBus.VirtioPci)
        {
            throw DeviceFault.PartOfDefinition(_name, name);
        }

        if (_hasRun)
        {
            _pci!.RequestEject(device);
        }
        else
        {
            _pci!.Unplug(device, _instance.Vm);
        }

        return device.Ended;
    }

    /// <summary>Changes a device; on the driver's thread.</summary>
    /// <exception cref="MachineException">There is none of that name, or it cannot change so.</exception>
    public void ChangeDevice(DeviceSpec wanted) => Find(wanted.Name).Assembly.Change(wanted);

    /// <summary>Makes a disk larger; on the driver's thread.</summary>
    /// <exception cref="MachineException">There is no such disk, or it cannot.</exception>
    public void GrowDisk(string name, long length)
    {
        if (Find(name).Assembly is not DiskAssembly disk)
        {
            throw DeviceFault.Unchangeable(name, "the length");
        }

        disk.Grow(length);
    }

    /// <summary>Tells the machine who drives it. Before the first release.</summary>
    public void Attach(StateDriver driver) => _driver = driver;

    /// <inheritdoc/>
    public void ReleaseVcpus()
    {
        if (_hasRun)
        {
            _instance.NoteResumed();
        }
        else
        {
            _hasRun = true;
            BootMarks.Begin();
        }

        _instance.Release();
    }

    /// <inheritdoc/>
    public void HoldVcpus() => _instance.Hold();

    /// <inheritdoc/>
    public void PauseDevices()
    {
        _devicesPaused = true;
        foreach (AttachedDevice device in ListDevices())
        {
            device.Assembly.Device.Pause();
        }
    }

    /// <inheritdoc/>
    public void ResumeDevices()
    {
        _devicesPaused = false;
        foreach (AttachedDevice device in ListDevices())
        {
            device.Assembly.Device.Resume();
        }
    }

    /// <inheritdoc/>
    public void ReportBalloon()
    {
        foreach (BalloonAssembly balloon in ListDevices().Select(device => device.Assembly).OfType<BalloonAssembly>())
        {
            Happened?.Invoke(new BalloonChanged(balloon.Spec.Name, balloon.ActualBytes));
        }
    }

    /// <inheritdoc/>
    public void ReportFailures()
    {
        foreach (AttachedDevice device in ListDevices())
        {
            if (device.Assembly.TakeFailure() is { } failure)
            {
                Happened?.Invoke(failure);
            }
        }
    }

    /// <inheritdoc/>
    public bool TryMendMemory()
    {
        bool mended = false;
        foreach (PersistentMemoryAssembly memory in ListDevices().Select(device => device.Assembly).OfType<PersistentMemoryAssembly>())
        {
            mended |= memory.TryMend(_board.Context);
        }

        return mended;
    }

    /// <inheritdoc/>
    public void RemoveEjected() => _pci?.TakeEjected(_instance.Vm);

    /// <inheritdoc/>
    public void ResetHeld()
    {
        // First the vCPUs go, then the devices come to rest: nothing touches memory any more when it is dropped.
        _pci?.Leave(_instance.Vm);
        _instance.Dispose();
        _devices.Reset();
        _board.Reset();
        _pci?.Reset();
        Volatile.Write(ref _fault, null);
        foreach (GuestMemoryRegion region in _memory.Regions)
        {
            if (region.Range.Start >= _plan.PciHighWindow.Start)
            {
                // What lies behind RAM is a device's, which knows what a reset leaves of it.
                break;
            }

            // The guest's secrets do not outlive its reset, and the host has its pages back.
            _ = region.TryZero(0, region.Range.Length);
        }

        _hasRun = false;
        _instance = CreateInstance();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pci?.Leave(_instance.Vm);
        _instance.Dispose();
        _pci?.Dispose();
        _board.Dispose();
        _devices.Dispose();
        _plan.Dispose();
        lock (_memoryGate)
        {
            _memoryGone = true;
            _memory.Dispose();
        }

        _kvm.Dispose();
    }

    /// <inheritdoc/>
    public VcpuFault? TakeFault() => Interlocked.Exchange(ref _fault, null);

    /// <inheritdoc/>
    public void GuestShutdown() => Report(GuestEvents.Shutdown);

    /// <inheritdoc/>
    public void GuestReset() => Report(GuestEvents.Reset);

    /// <inheritdoc/>
    public void BootMark(byte code, long timestamp) => BootMarks.Add(code, timestamp);

    private AttachedDevice Find(string name) =>
        ListParts().FirstOrDefault(present => DeviceNames.AreSame(present.Part.Spec.Name, name)).Device
            ?? throw DeviceFault.Unknown(_name, name, ListParts().Select(present => present.Part.Spec.Name));

    private IEnumerable<(AttachedDevice Device, DevicePart Part)> ListParts() =>
        ListDevices().SelectMany(device => device.Assembly.Parts.Select(part => (device, part)));

    private IEnumerable<AttachedDevice> ListDevices() => [.. _board.Devices, .. _pci?.Devices ?? []];

    private void Report(GuestEvents events) => Volatile.Read(ref _driver)?.Report(events);

    private void Faulted(VcpuFault fault)
    {
        Interlocked.CompareExchange(ref _fault, fault, null);
        Report(GuestEvents.Fault);
    }

    private KvmInstance CreateInstance()
    {
        EntryPoint entry = BootLoader.Load(_plan, _memory);
        return KvmInstance.Create(_kvm, new KvmPlan
        {
            Name = _name,
            Memory = _memory,
            Wiring = [.. _devices.Lines, .. _board.Wiring, .. _pci?.Wiring ?? []],
            Dispatchers = _dispatchers,
            Entry = entry,
            LegacyTimer = !_plan.Acpi,
            Faulted = Faulted,
            Guard = _board.Context.Guard,
        });
    }
}
