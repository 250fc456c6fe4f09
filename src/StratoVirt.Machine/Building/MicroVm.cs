using StratoVirt.Backends.Char;
using StratoVirt.Devices.Platform;
using StratoVirt.Kvm;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Boot.X64;
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
    private readonly ExitDispatcher[] _dispatchers;
    private readonly Action _released;
    private KvmInstance _instance;
    private StateDriver? _driver;
    private VcpuFault? _fault;
    private bool _hasRun;

    /// <summary>Takes ownership of all it is given and loads the guest.</summary>
    /// <param name="name">Name of the machine.</param>
    /// <param name="kvm">The host's KVM.</param>
    /// <param name="plan">What to boot.</param>
    /// <param name="memory">Guest RAM.</param>
    /// <param name="console">Where the serial port prints.</param>
    /// <param name="released">Called last when the machine has given everything back.</param>
    public MicroVm(string name, KvmSystem kvm, BootPlan plan, GuestMemory memory, ICharBackend console, Action released)
    {
        _name = name;
        _kvm = kvm;
        _plan = plan;
        _memory = memory;
        _released = released;
        _devices = new MicroVmDevices(console, this, plan.Acpi);
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

    /// <summary>The boot marks so far.</summary>
    public BootMarkLog BootMarks { get; } = new();

    /// <summary>The devices.</summary>
    public MicroVmDevices Devices => _devices;

    /// <summary>Whether the guest has a power button.</summary>
    public bool HasPowerButton => _plan.Acpi;

    /// <summary>Counters at this moment.</summary>
    public MachineMetrics Metrics => new([.. _dispatchers.Select(dispatcher => dispatcher.Metrics)]);

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
    public void ResetHeld()
    {
        _instance.Dispose();
        _devices.Reset();
        Volatile.Write(ref _fault, null);
        foreach (GuestMemoryRegion region in _memory.Regions)
        {
            // The guest's secrets do not outlive its reset, and the host has its pages back.
            region.Mapping.Advise(0, region.Mapping.Length, MemoryAdvice.DontNeed);
        }

        _hasRun = false;
        _instance = CreateInstance();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _instance.Dispose();
        _devices.Dispose();
        _plan.Dispose();
        _memory.Dispose();
        _kvm.Dispose();
        _released();
    }

    /// <inheritdoc/>
    public VcpuFault? TakeFault() => Interlocked.Exchange(ref _fault, null);

    /// <inheritdoc/>
    public void GuestShutdown() => Report(GuestEvents.Shutdown);

    /// <inheritdoc/>
    public void GuestReset() => Report(GuestEvents.Reset);

    /// <inheritdoc/>
    public void BootMark(byte code, long timestamp) => BootMarks.Add(code, timestamp);

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
            Lines = _devices.Lines,
            Dispatchers = _dispatchers,
            Entry = entry,
            LegacyTimer = !_plan.Acpi,
            Faulted = Faulted,
        });
    }
}
