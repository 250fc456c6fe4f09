using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Interrupts;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>
/// The virtio devices of a machine's definition, each behind registers of its own. They are there from the first boot
/// to the end. Changed by the builder and the state driver's thread alone.
/// </summary>
internal sealed class VirtioBoard : IDisposable
{
    private readonly List<AttachedDevice> _devices = [];

    /// <summary>Puts each device behind its registers and takes ownership of all of them, on failure too.</summary>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    /// <param name="context">What they were made in; owned from now on.</param>
    /// <param name="assemblies">The devices, in the order the guest is to find them.</param>
    /// <param name="slots">Their places, as many.</param>
    public VirtioBoard(DeviceContext context, IReadOnlyList<DeviceAssembly> assemblies, IReadOnlyList<MmioSlot> slots)
    {
        Context = context;
        try
        {
            for (int i = 0; i < assemblies.Count; i++)
            {
                _devices.Add(Attach(assemblies[i], slots[i]));
            }
        }
        catch
        {
            for (int i = _devices.Count; i < assemblies.Count; i++)
            {
                assemblies[i].Discard();
            }

            Dispose();
            throw;
        }
    }

    /// <summary>What devices are made in.</summary>
    public DeviceContext Context { get; }

    /// <summary>The devices.</summary>
    public IReadOnlyList<AttachedDevice> Devices => _devices;

    /// <summary>What to connect each KVM instance to.</summary>
    public IEnumerable<IKvmWiring> Wiring => _devices.SelectMany(device => device.Wiring);

    /// <summary>Lets vCPUs reach them.</summary>
    public void PlaceOn(IoBus bus)
    {
        foreach (AttachedDevice device in _devices)
        {
            bus.Add(device.Place.Registers, VirtioMmio.Length, device.Assembly.Spec.Name, (VirtioMmio)device.Transport);
        }
    }

    /// <summary>With the vCPUs gone: every transport as at power on.</summary>
    public void Reset()
    {
        foreach (AttachedDevice device in _devices)
        {
            device.Transport.Reset();
            foreach (IrqFdLine line in device.Wiring.OfType<IrqFdLine>())
            {
                line.Clear();
            }
        }
    }

    /// <summary>Ends devices, then threads.</summary>
    public void Dispose()
    {
        foreach (AttachedDevice device in _devices)
        {
            device.Dispose();
        }

        Context.Dispose();
    }

    private AttachedDevice Attach(DeviceAssembly assembly, MmioSlot slot)
    {
        ulong registers = slot.Registers.Start.Value;
        var line = new IrqFdLine(slot.Gsi);
        var transport = new VirtioMmio(assembly.Device, Context.Memory, line);
        var doorbells = new QueueDoorbells(
            assembly.Device.Doorbells,
            queue => new DoorbellPlace(registers + VirtioMmio.QueueNotifyOffset, sizeof(uint), (ulong)queue));
        return new AttachedDevice(assembly, transport, DevicePlace.AtRegisters(registers), [line, doorbells]);
    }
}
