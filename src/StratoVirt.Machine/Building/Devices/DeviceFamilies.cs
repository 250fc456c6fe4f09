using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>Which family makes a device of which words.</summary>
internal static class DeviceFamilies
{
    /// <summary>How many transports a definition's devices take: the ports of the console share one.</summary>
    public static int CountTransports(VmSpec spec) => spec.ListDevices().Count - Math.Max(spec.Ports.Count - 1, 0);

    /// <summary>Makes all devices of a definition, in the order the guest is to find them; none on failure.</summary>
    /// <param name="spec">The definition.</param>
    /// <param name="context">The machine.</param>
    /// <param name="ends">What devices need of the host, opened elsewhere, by their names.</param>
    /// <exception cref="MachineException">One cannot be made.</exception>
    public static IReadOnlyList<DeviceAssembly> CreateAll(
        VmSpec spec, DeviceContext context, IReadOnlyDictionary<string, HostEnds> ends)
    {
        List<DeviceAssembly> made = [];
        try
        {
            foreach (DeviceSpec device in spec.ListDevices())
            {
                if (device is not ConsolePortSpec)
                {
                    made.Add(Create(device, context, ends.GetValueOrDefault(device.Name)));
                }
                else if (device == spec.Ports[0])
                {
                    made.Add(new ConsoleAssembly(spec.Ports, context, port => ends.GetValueOrDefault(port.Name)));
                }
            }

            return made;
        }
        catch
        {
            foreach (DeviceAssembly assembly in made)
            {
                assembly.Discard();
            }

            throw;
        }
    }

    /// <summary>Makes one device.</summary>
    /// <param name="spec">The device.</param>
    /// <param name="context">The machine.</param>
    /// <param name="ends">What it needs of the host, opened elsewhere; null has it opened here.</param>
    /// <exception cref="MachineException">It cannot be made; nothing is left behind.</exception>
    public static DeviceAssembly Create(DeviceSpec spec, DeviceContext context, HostEnds? ends = null) => spec switch
    {
        DiskSpec disk => new DiskAssembly(disk, context, ends),
        NetworkSpec network => new NetworkAssembly(network, context, ends),
        ConsolePortSpec port => new ConsoleAssembly([port], context, _ => ends),
        EntropySpec entropy => new EntropyAssembly(entropy, context, ends),
        BalloonSpec balloon => new BalloonAssembly(balloon, context),
        VsockSpec vsock => new VsockAssembly(vsock, context, ends),
        ShareSpec share => new ShareAssembly(share, context),
        PersistentMemorySpec persistent => new PersistentMemoryAssembly(persistent, context),
        MemoryDeviceSpec memory => new MemoryAssembly(memory, context),
        _ => throw DeviceFault.NotBuilt(spec.Name, spec.GetType().Name),
    };
}
