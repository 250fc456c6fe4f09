using StratoVirt.Backends.Io;
using StratoVirt.Devices.Tests.Pci;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Testing.Virtio;

namespace StratoVirt.Devices.Tests.Virtio.Pci;

/// <summary>A machine with a <see cref="TallyDevice"/> in slot 3 and its driver. No thread answers rings: the test
/// serves, so it sees each.</summary>
internal sealed class VirtioPciMachine : IDisposable
{
    internal const int Slot = 3;
    internal const ulong Place = PciMachine.HighWindow + 0x10_0000;

    internal VirtioPciMachine(int configurationLength = 12, params ushort[] queueSizes)
    {
        Device = new TallyDevice(Thread, configurationLength, queueSizes);
        Device.Pause();
        Transport = new VirtioPci(Device, Memory.Memory, Machine.Router);
        Machine.Root.Plug(Slot, Transport.Function);
        Driver = new VirtioPciDriver(Machine.Driver(Slot), Memory);
    }

    internal PciMachine Machine { get; } = new();

    internal IoThread Thread { get; } = new("virtio-pci-test", _ => { });

    internal TestGuestMemory Memory { get; } = new();

    internal TallyDevice Device { get; }

    internal VirtioPci Transport { get; }

    internal VirtioPciDriver Driver { get; }

    internal int Triggers(int vector) => Machine.Router.Routes[vector].Triggers;

    /// <summary>Answers a ring, if there was one.</summary>
    internal bool Serve(int queue)
    {
        bool rung = Device.Doorbells[queue].Answer();
        if (rung)
        {
            Device.Serve(queue);
        }

        return rung;
    }

    public void Dispose()
    {
        Transport.Dispose();
        Thread.Dispose();
        Memory.Dispose();
    }
}
