using System.Runtime.InteropServices;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Testing.Virtio;

/// <summary>
/// A device without a transport, with an I/O thread, RAM and a driver's end for every queue of it. Whatever the test has
/// it do runs on the device's thread, so nothing races; <see cref="Request"/> is one round trip.
/// </summary>
/// <typeparam name="TDevice">The device.</typeparam>
public sealed class DeviceUnderTest<TDevice> : IDisposable
    where TDevice : VirtioDevice
{
    private readonly List<Exception> _faults = [];

    /// <summary>Makes a device and activates it.</summary>
    /// <param name="make">Makes the device, which is disposed with this.</param>
    /// <param name="features">Device features the driver accepts; null: all it offers. Ring features come from
    /// <paramref name="options"/>.</param>
    /// <param name="options">Kind of queues.</param>
    /// <param name="listens">Whether rings reach the device by its thread. If not, it is paused to that end and only
    /// <see cref="Serve"/> runs it, so that a test sees each round alone.</param>
    /// <param name="activate">Whether to activate it at once, or leave that to <see cref="Activate"/>.</param>
    /// <param name="memory">The guest's RAM, disposed with this; null: the usual.</param>
    /// <param name="longestPoll">How long the thread looks at queues at most before it sleeps.</param>
    public DeviceUnderTest(
        Func<IoThread, TDevice> make,
        ulong? features = null,
        VirtqueueOptions options = VirtqueueOptions.None,
        bool listens = true,
        bool activate = true,
        TestGuestMemory? memory = null,
        TimeSpan longestPoll = default)
    {
        ArgumentNullException.ThrowIfNull(make);
        Memory = memory ?? new TestGuestMemory();
        Thread = new IoThread("device-test", _faults.Add, longestPoll: longestPoll);
        Device = make(Thread);
        Options = options;
        Features = (features ?? Device.Features) | VirtioFeatures.Version1 | RingFeatures(options);
        if (!listens)
        {
            Device.Pause();
        }

        if (activate)
        {
            Activate();
        }
    }

    /// <summary>The device.</summary>
    public TDevice Device { get; }

    /// <summary>The device's thread.</summary>
    public IoThread Thread { get; }

    /// <summary>The guest's RAM.</summary>
    public TestGuestMemory Memory { get; }

    /// <summary>What the device told its driver.</summary>
    public RecordingVirtioInterrupts Interrupts { get; } = new();

    /// <summary>Features negotiated.</summary>
    public ulong Features { get; }

    /// <summary>Kind of queues.</summary>
    public VirtqueueOptions Options { get; }

    /// <summary>The driver's ends, by number; new ones after each activation.</summary>
    public IReadOnlyList<DriverQueue> Queues { get; private set; } = [];

    /// <summary>The device's ends, by number; as the device has them.</summary>
    public IReadOnlyList<Virtqueue?> DeviceQueues { get; private set; } = [];

    /// <summary>What came out of handlers on the device's thread: nothing, if the device is sound.</summary>
    public IReadOnlyList<Exception> Faults => OnThread(() => _faults.ToArray());

    /// <summary>Sets DRIVER_OK with new queues of the largest size.</summary>
    public void Activate()
    {
        Queues = [.. Device.QueueSizes.Select((size, i) => DriverQueue.Create(Memory, size, Options, i))];
        Virtqueue?[] queues = [.. Queues.Select(MakeDeviceEnd)];
        DeviceQueues = queues;
        Device.Activate(new VirtioActivation
        {
            Features = Features,
            Memory = Memory.Memory,
            Queues = queues,
            Interrupts = Interrupts,
        });
        Settle();
    }

    /// <summary>Has the device look at a queue, and waits until it has.</summary>
    public void Serve(int queue) => Thread.Invoke(() => Device.Serve(queue));

    /// <summary>Runs something on the device's thread, such as a measurement.</summary>
    public T OnThread<T>(Func<T> action)
    {
        T result = default!;
        Thread.Invoke(() => result = action());
        return result;
    }

    /// <summary>Shows the device what was added to a queue and rings if the device asked for it, as a driver does. The
    /// device serves it on its thread: see <see cref="Settle"/>.</summary>
    /// <returns>Whether it was rung.</returns>
    public bool Notify(int queue)
    {
        if (!Queues[queue].Kick())
        {
            return false;
        }

        Device.Doorbells[queue].Ring();
        return true;
    }

    /// <summary>Waits until the device's thread has answered what was rung before.</summary>
    public void Settle()
    {
        // The loop answers descriptors in the order in which they became ready, but one that it has answered a moment ago
        // keeps its place before those that came meanwhile: a new one stands behind all of them.
        using Doorbell last = new();
        using ManualResetEventSlim answered = new();
        last.Ring();
        using EventRegistration watched = Thread.Watch(last.Event, EpollEvents.In, _ => answered.Set());
        answered.Wait();
    }

    /// <summary>One round trip: adds a request, has the device serve the queue, and collects.</summary>
    /// <param name="queue">The queue's number.</param>
    /// <param name="buffers">The request, made with <see cref="TestGuestMemory.Readable(ReadOnlySpan{byte})"/> and
    /// <see cref="TestGuestMemory.Writable"/>.</param>
    /// <returns>Bytes the device says it has written.</returns>
    /// <exception cref="InvalidOperationException">The device did not use it at once, or used another.</exception>
    public uint Request(int queue, params ReadOnlySpan<DriverBuffer> buffers)
    {
        DriverQueue driver = Queues[queue];
        ushort id = driver.Add(buffers, Options.HasFlag(VirtqueueOptions.Indirect));
        driver.Kick();
        Serve(queue);
        UsedElement used = driver.Collect();
        return used.Id == id
            ? used.Written
            : throw new InvalidOperationException($"Request {id} was added, {used.Id} was used.");
    }

    /// <summary>Configuration space, read at once.</summary>
    public T ReadConfiguration<T>(int offset)
        where T : unmanaged
    {
        T value = default;
        Device.ReadConfiguration(offset, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    /// <summary>Configuration space, written at once.</summary>
    public void WriteConfiguration<T>(int offset, T value)
        where T : unmanaged => Device.WriteConfiguration(offset, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <inheritdoc/>
    public void Dispose()
    {
        Device.Dispose();
        Thread.Dispose();
        Memory.Dispose();
    }

    private static ulong RingFeatures(VirtqueueOptions options) =>
        (options.HasFlag(VirtqueueOptions.Packed) ? VirtioFeatures.PackedRing : 0)
        | (options.HasFlag(VirtqueueOptions.Indirect) ? VirtioFeatures.IndirectDescriptors : 0)
        | (options.HasFlag(VirtqueueOptions.EventIndex) ? VirtioFeatures.EventIndex : 0);

    private Virtqueue? MakeDeviceEnd(DriverQueue queue)
    {
        VirtqueueFault fault = Virtqueue.TryCreate(queue.Setup, Options, Memory.Memory, out Virtqueue? made);
        return fault == VirtqueueFault.None ? made : throw new InvalidOperationException($"Queue {queue.Index}: {fault}.");
    }
}
