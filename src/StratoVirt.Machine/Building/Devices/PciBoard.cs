using System.Collections.Concurrent;
using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Interrupts;
using StratoVirt.Devices.Pci;
using StratoVirt.Devices.Platform;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Kvm;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Interrupts;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>
/// The virtio devices that came while the machine exists, on its PCI bus. They stay in their slots over resets. Changed by
/// the state driver's thread alone; the guest ejects on vCPU threads, which only hand over what has left.
/// </summary>
internal sealed class PciBoard : IDisposable
{
    private readonly PciPresence _presence = new();
    private readonly ConcurrentQueue<int> _ejected = new();
    private readonly MsiRouter _messages = new();
    private readonly PciRoot _root;
    private readonly PciHotplug _hotplug;
    private readonly GuestMemory _memory;
    private readonly Action<string> _removed;
    private volatile AttachedDevice[] _devices = [];

    /// <summary>Puts an empty bus, which the guest does not see yet, into the machine.</summary>
    /// <param name="ports">The port bus.</param>
    /// <param name="memoryBus">The bus of guest physical addresses.</param>
    /// <param name="memory">Guest memory.</param>
    /// <param name="highWindow">Where the guest may place devices above RAM.</param>
    /// <param name="news">Has the event method run.</param>
    /// <param name="ejected">Told, on a vCPU's thread, that <see cref="TakeEjected"/> has something to do.</param>
    /// <param name="removed">Told the name of each device that has gone.</param>
    public PciBoard(
        IoBus ports, IoBus memoryBus, GuestMemory memory, GuestRange highWindow, IInterruptLine news, Action ejected,
        Action<string> removed)
    {
        _memory = memory;
        _removed = removed;
        var low = new BarWindow(Layout.PciWindow, Layout.PciWindowLength);
        var high = new BarWindow(highWindow.Start.Value, highWindow.Length);
        _root = new PciRoot(new IoBusBarMapper(memoryBus, [low, high]));
        _hotplug = new PciHotplug(_root, news, (slot, _) =>
        {
            _ejected.Enqueue(slot);
            ejected();
        });
        memoryBus.Add(Layout.PciEcam, Layout.PciEcamLength, "PCI configuration space", _root.Ecam);
        ports.Add(PlatformPorts.PciHotplug, PciHotplug.Length, "PCI hot-plug", _hotplug);
        ports.Add(PlatformPorts.PciPresence, PlatformPorts.PciPresenceLength, "PCI presence", _presence);
    }

    /// <summary>The devices.</summary>
    public IReadOnlyList<AttachedDevice> Devices => _devices;

    /// <summary>What to connect each KVM instance to.</summary>
    public IEnumerable<IKvmWiring> Wiring => [_messages, .. _devices.SelectMany(device => device.Wiring)];

    /// <summary>Finds a slot for another device.</summary>
    /// <exception cref="MachineException">There is none.</exception>
    public int FindSlot(string machine) => _root.FindFreeSlot() is var slot and > 0
        ? slot
        : throw new MachineException(
            MachineErrorId.TooManyDevices,
            $"All {PciRoot.SlotCount - 1} PCI slots of machine '{machine}' are taken.",
            "Remove a device that was added before.");

    /// <summary>Plugs a device in and takes ownership of it, unless this throws.</summary>
    /// <param name="assembly">The device.</param>
    /// <param name="slot">Where.</param>
    /// <param name="vm">The present KVM machine.</param>
    /// <param name="announce">Whether the guest runs and has to be told.</param>
    /// <param name="paused">Whether the machine's devices are paused.</param>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public void Plug(DeviceAssembly assembly, int slot, KvmVm vm, bool announce, bool paused)
    {
        var transport = new VirtioPci(assembly.Device, _memory, _messages);
        var doorbells = new MovingDoorbells(transport);
        if (paused)
        {
            assembly.Device.Pause();
        }

        doorbells.Connect(vm);
        _devices = [.. _devices, new AttachedDevice(assembly, transport, DevicePlace.InSlot(slot), [doorbells])];
        _presence.Appear(announce);
        _hotplug.Plug(slot, transport.Function, announce);
    }

    /// <summary>Asks the guest to give a device back.</summary>
    public void RequestEject(AttachedDevice device)
    {
        device.IsLeaving = true;
        _ = _hotplug.RequestEject(device.Place.Slot);
    }

    /// <summary>Takes a device out without asking; the guest has not started.</summary>
    public void Unplug(AttachedDevice device, KvmVm vm)
    {
        _ = _hotplug.Remove(device.Place.Slot);
        Retire(device, vm);
    }

    /// <summary>Ends the devices that the guest has ejected.</summary>
    public void TakeEjected(KvmVm vm)
    {
        while (_ejected.TryDequeue(out int slot))
        {
            if (Array.Find(_devices, device => device.Place.Slot == slot) is { } device)
            {
                Retire(device, vm);
            }
        }
    }

    /// <summary>Leaves a KVM machine that is about to end.</summary>
    public void Leave(KvmVm vm)
    {
        foreach (IKvmWiring wiring in Wiring)
        {
            wiring.Disconnect(vm);
        }
    }

    /// <summary>With the vCPUs gone and the KVM machine left: as at power on, the devices in their slots. Those the guest
    /// was asked for leave.</summary>
    public void Reset()
    {
        _root.Reset();
        _hotplug.Reset();
        while (_ejected.TryDequeue(out int slot))
        {
            if (Array.Find(_devices, device => device.Place.Slot == slot) is { } device)
            {
                Forget(device);
            }
        }

        _presence.Reset(_devices.Length > 0);
    }

    /// <summary>Ends all devices. The KVM machine has been left.</summary>
    public void Dispose()
    {
        foreach (AttachedDevice device in _devices)
        {
            device.Dispose();
        }
    }

    private void Retire(AttachedDevice device, KvmVm vm)
    {
        foreach (IKvmWiring wiring in device.Wiring)
        {
            wiring.Disconnect(vm);
        }

        Forget(device);
    }

    private void Forget(AttachedDevice device)
    {
        _devices = [.. _devices.Where(present => present != device)];
        IReadOnlyList<DevicePart> parts = device.Assembly.Parts;
        device.Dispose();
        foreach (DevicePart part in parts)
        {
            _removed(part.Spec.Name);
        }
    }
}
