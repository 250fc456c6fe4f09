using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Testing;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Transport;

/// <summary>A loopback device behind virtio-mmio registers and a driver for it. Its thread answers no ring: the test
/// says when the device looks.</summary>
public abstract class VirtioMmioFixture : IDisposable
{
    private readonly IoThread _thread = new("mmio-test", _ => { });

    protected VirtioMmioFixture()
    {
        Device = new LoopbackDevice(_thread, queueSize: 16);
        Device.Pause();
        Mmio = new VirtioMmio(Device, Memory.Memory, Line);
        Driver = new VirtioMmioDriver(Mmio, Memory);
    }

    protected TestGuestMemory Memory { get; } = new();

    protected RecordingInterruptLine Line { get; } = new();

    protected LoopbackDevice Device { get; }

    protected VirtioMmio Mmio { get; }

    protected VirtioMmioDriver Driver { get; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        Mmio.Dispose();
        _thread.Dispose();
        Memory.Dispose();
    }

    /// <summary>One request that is answered at once.</summary>
    protected void Echo()
    {
        DriverQueue queue = Driver.Queues[0]!;
        DriverBuffer answer = Memory.Writable(4);
        ushort id = queue.Add([Memory.Readable("ping"u8), answer]);
        Driver.Kick(0);
        Device.Serve(0);
        Assert.Equal(new UsedElement(id, 4), queue.Collect());
        Assert.Equal("ping"u8, Memory.Span(answer));
        Assert.Null(Memory.FirstDamage);
    }

    /// <summary>One request that the device keeps.</summary>
    protected void Hold()
    {
        Driver.Queues[1]!.Add([Memory.Writable(4)]);
        Driver.Kick(1);
        Device.Serve(1);
        Assert.Equal(1, Device.Held);
    }
}
