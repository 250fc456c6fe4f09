using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Testing.Virtio;

/// <summary>Both ends of one virtqueue, for tests of the queue itself.</summary>
public sealed class QueuePair : IDisposable
{
    private readonly bool _ownsMemory;

    /// <summary>Makes both ends.</summary>
    /// <param name="options">Kind of queue.</param>
    /// <param name="size">Entries.</param>
    /// <param name="memory">Where it lies; null: in RAM of its own.</param>
    public QueuePair(VirtqueueOptions options, ushort size = 16, TestGuestMemory? memory = null)
    {
        _ownsMemory = memory is null;
        Memory = memory ?? new TestGuestMemory();
        Driver = DriverQueue.Create(Memory, size, options);
        VirtqueueFault fault = Virtqueue.TryCreate(Driver.Setup, options, Memory.Memory, out Virtqueue? device);
        Device = fault == VirtqueueFault.None ? device! : throw new InvalidOperationException($"The device refuses: {fault}.");
    }

    /// <summary>The RAM.</summary>
    public TestGuestMemory Memory { get; }

    /// <summary>The driver's end.</summary>
    public DriverQueue Driver { get; }

    /// <summary>The device's end.</summary>
    public Virtqueue Device { get; private set; }

    /// <summary>The driver's end, when the queue is split.</summary>
    public SplitDriverQueue Split => (SplitDriverQueue)Driver;

    /// <summary>The driver's end, when the queue is packed.</summary>
    public PackedDriverQueue Packed => (PackedDriverQueue)Driver;

    /// <summary>Adds a request and shows it.</summary>
    public ushort Send(params ReadOnlySpan<DriverBuffer> buffers)
    {
        ushort id = Driver.Add(buffers);
        Driver.Kick();
        return id;
    }

    /// <summary>Takes a request on the device's end.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public DescriptorChain Pop() => Device.TryPop(out DescriptorChain? chain)
        ? chain
        : throw new InvalidOperationException($"There is no request; the queue's fault is {Device.Fault}.");

    /// <summary>Replaces the device's end by one that begins where it stood, as a restored machine does.</summary>
    public void SaveAndRestore()
    {
        VirtqueueState state = Device.Save();
        _ = Virtqueue.TryCreate(Driver.Setup, Driver.Options, Memory.Memory, out Virtqueue? device);
        device!.Restore(state);
        Device = device;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsMemory)
        {
            Memory.Dispose();
        }
    }
}
