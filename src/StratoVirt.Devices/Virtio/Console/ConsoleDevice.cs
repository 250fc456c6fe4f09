using System.Buffers.Binary;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Devices.Virtio.Console;

/// <summary>
/// Terminals and named byte channels (virtio 1.3 §5.3), each joined to a host end. Ports come and go while the guest
/// runs, up to a number that is fixed when the device is made.
/// </summary>
/// <remarks>Emergency write is not offered: it prints from a vCPU thread, and a host end belongs to the I/O thread.</remarks>
public sealed partial class ConsoleDevice : VirtioDevice
{
    private const ushort DataQueueSize = 128;
    private const ushort ControlQueueSize = 64;
    private const int ControlReceive = 2;
    private const int ControlTransmit = 3;

    // cols, rows, max_nr_ports (§5.3.4); emerg_wr is not offered.
    private const int ConfigurationBytes = 8;

    private readonly ConsolePort?[] _ports;
    private readonly Virtqueue?[] _queues;
    private readonly ControlQueue _control;
    private uint _size;
    private ConsoleMetrics _past;

    /// <summary>Makes a device without ports.</summary>
    /// <param name="configuration">How.</param>
    /// <param name="thread">The I/O thread that serves it and its host ends; not owned.</param>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public ConsoleDevice(ConsoleConfiguration configuration, IoThread thread)
        : base(VirtioDeviceType.Console, QueueSizesOf(configuration), thread)
    {
        _ports = new ConsolePort?[configuration.MaxPorts];
        _queues = new Virtqueue?[QueueSizes.Count];
        _control = new ControlQueue(this);
    }

    /// <inheritdoc/>
    public override ulong Features => ConsoleFeatures.Multiport | ConsoleFeatures.Size;

    /// <inheritdoc/>
    public override int ConfigurationLength => ConfigurationBytes;

    /// <summary>The most ports there can be.</summary>
    internal int PortCount => _ports.Length;

    /// <summary>Whether the driver knows more than port 0.</summary>
    internal bool IsMultiport { get; private set; }

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data)
    {
        Span<byte> all = stackalloc byte[ConfigurationBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(all, Volatile.Read(ref _size));
        BinaryPrimitives.WriteInt32LittleEndian(all[4..], _ports.Length);
        all.Slice(offset, data.Length).CopyTo(data);
    }

    /// <summary>The port in a slot, if there is one.</summary>
    internal ConsolePort? PortAt(int number) => _ports[number];

    /// <summary>A port's queue, when it may be touched now.</summary>
    internal Virtqueue? QueueOf(ConsolePort port, bool transmit)
    {
        bool usable = Fault is null && !port.IsRemoved && (IsMultiport ? port.IsReady : port.Number == 0);
        return usable ? _queues[ReceiveQueueOf(port.Number) + (transmit ? 1 : 0)] : null;
    }

    /// <summary>Publishes what was done, and comes back when there is more.</summary>
    internal void EndRound(Virtqueue queue, RoundEnd end)
    {
        Publish(queue);
        Check(queue);
        if (end == RoundEnd.OutOfTurn || (end == RoundEnd.Drained && AwaitRequests(queue)))
        {
            Doorbells[queue.Index].Ring();
        }
    }

    /// <summary>Tells the driver what is new.</summary>
    internal void TellDriver()
    {
        if (Fault is null && _queues.Length > ControlReceive && _queues[ControlReceive] is { } queue)
        {
            _control.Tell(queue);
        }
    }

    /// <summary>The driver listens from now on: every port is new to it.</summary>
    internal void AnnouncePorts()
    {
        foreach (ConsolePort? port in _ports)
        {
            if (port is not null)
            {
                port.News |= PortNews.Add;
            }
        }
    }

    /// <summary>The driver has heard of a removal: the number is free again.</summary>
    internal void Forget(ConsolePort port)
    {
        _past = Add(_past, port);
        _ports[port.Number] = null;
    }

    /// <inheritdoc/>
    protected override void OnActivated(VirtioActivation activation)
    {
        ArgumentNullException.ThrowIfNull(activation);
        IsMultiport = activation.Has(ConsoleFeatures.Multiport);
    }

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        _queues[queue.Index] = queue;
        switch (queue.Index)
        {
            case ControlReceive:
                TellDriver();
                break;
            case ControlTransmit when IsMultiport:
                _control.Hear(queue);
                TellDriver();
                break;
            case ControlTransmit:
                break;
            default:
                ServePort(queue.Index);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnReset() => Thread.Invoke(() =>
    {
        Array.Clear(_queues);
        _control.IsDriverReady = false;
        foreach (ConsolePort? port in _ports)
        {
            port?.Reset();
            if (port is { IsRemoved: true })
            {
                Forget(port);
            }
        }
    });

    // A queue is known from its first ring until the device comes to rest: events of the host ends touch no other.
    /// <inheritdoc/>
    protected override void OnPaused() => Thread.Invoke(() => Array.Clear(_queues));

    /// <inheritdoc/>
    protected override void OnQueueReset(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Thread.Invoke(() =>
        {
            _queues[queue.Index] = null;
            if (queue.Index is not (ControlReceive or ControlTransmit) && queue.Index % 2 == 1)
            {
                _ports[PortOf(queue.Index)]?.ForgetTransmit();
            }
        });
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Reset();
            foreach (ConsolePort? port in _ports)
            {
                port?.Channel.Withdraw();
            }

            Thread.Invoke(() =>
            {
                foreach (ConsolePort? port in _ports)
                {
                    port?.Channel.Dispose();
                }

                Array.Clear(_ports);
            });
        }

        base.Dispose(disposing);
    }

    private static ushort[] QueueSizesOf(ConsoleConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Check();
        ushort[] sizes = new ushort[2 * (configuration.MaxPorts + 1)];
        Array.Fill(sizes, DataQueueSize);
        sizes[ControlReceive] = ControlQueueSize;
        sizes[ControlTransmit] = ControlQueueSize;
        return sizes;
    }

    // Port 0 came first; the control queues were put behind it, the other ports behind those (§5.3.2).
    private static int ReceiveQueueOf(int port) => port == 0 ? 0 : 2 + (2 * port);

    private static int PortOf(int queue) => queue < ControlReceive ? 0 : (queue - 2) / 2;

    private void ServePort(int queue)
    {
        if (_ports[PortOf(queue)] is not { } port)
        {
            return;
        }

        if (queue % 2 == 0)
        {
            port.Receive();
        }
        else
        {
            port.Transmit();
        }
    }
}
