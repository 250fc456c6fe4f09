using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux.Events;

namespace StratoVirt.Devices.Virtio;

/// <summary>
/// A virtio device without its transport: features, configuration space, queues, and what it does with requests.
/// </summary>
/// <remarks>
/// <para>Threads. The data path (<see cref="Serve"/> and everything it calls) runs on the device's I/O thread alone.
/// The control plane (the transport: configuration, activation, reset; the machine: pause, resume, disposal) calls from
/// vCPU threads and the state driver's, one call at a time.</para>
/// <para>Life. Made idle. <see cref="Activate"/> when the driver sets DRIVER_OK: <see cref="OnActivated"/>, then rings
/// are answered. <see cref="Reset"/> when the driver writes status 0, at machine reset and on removal: answers no more
/// rings, <see cref="OnReset"/> waits until no I/O of the device touches guest memory, then it is idle again.
/// <see cref="Pause"/> comes to the same rest but keeps queues and state; <see cref="Resume"/> goes on and looks at
/// every queue once, because rings may have been missed.</para>
/// </remarks>
public abstract class VirtioDevice : IDisposable
{
    /// <summary>Requests of one queue a device serves before the other work of its thread has its turn: the size of
    /// most queues, so that a driver that keeps to its depth never needs a second round.</summary>
    protected const int RequestsPerRound = 256;

    // Requests after which a driver that is at work is shown what is done so far, so that it works beside the device.
    private const int RequestsPerShow = 8;

    private readonly Doorbell[] _doorbells;
    private readonly EventRegistration?[] _served;

    /// <summary>Describes the device.</summary>
    /// <param name="type">What it is.</param>
    /// <param name="queueSizes">The most entries of each queue, a power of two each.</param>
    /// <param name="thread">The I/O thread that serves it; not owned.</param>
    protected VirtioDevice(VirtioDeviceType type, IReadOnlyList<ushort> queueSizes, IoThread thread)
    {
        ArgumentNullException.ThrowIfNull(queueSizes);
        ArgumentNullException.ThrowIfNull(thread);
        Type = type;
        QueueSizes = queueSizes;
        Thread = thread;
        _doorbells = new Doorbell[queueSizes.Count];
        for (int i = 0; i < _doorbells.Length; i++)
        {
            _doorbells[i] = new Doorbell();
        }

        _served = new EventRegistration?[queueSizes.Count];
    }

    /// <summary>What it is.</summary>
    public VirtioDeviceType Type { get; }

    /// <summary>The most entries of each queue.</summary>
    public IReadOnlyList<ushort> QueueSizes { get; }

    /// <summary>One doorbell a queue: the transport and the kernel ring it.</summary>
    public IReadOnlyList<Doorbell> Doorbells => _doorbells;

    /// <summary>Features of this device, without <see cref="CommonFeatures"/>, which the transport adds.</summary>
    public abstract ulong Features { get; }

    /// <summary>Features of no device type that it offers. A device whose queues another process serves can offer only
    /// what that process knows.</summary>
    public virtual ulong CommonFeatures => VirtioFeatures.Common;

    /// <summary>Bytes of configuration space.</summary>
    public abstract int ConfigurationLength { get; }

    /// <summary>What stopped it until its next reset, for the operator; null while it works.</summary>
    public string? Fault { get; private set; }

    /// <summary>What was negotiated; null while the device is idle.</summary>
    protected VirtioActivation? Active { get; private set; }

    /// <summary>The thread that serves it.</summary>
    protected IoThread Thread { get; }

    /// <summary>Whether it is paused.</summary>
    protected bool IsPaused { get; private set; }

    /// <summary>Whether rings of a queue are answered on the device's thread. If not, somebody else waits for its doorbell.
    /// Asked while a driver uses the device.</summary>
    protected virtual bool AnswersDoorbell(int queue) => true;

    /// <summary>The driver reads configuration space. Callable at any time from a vCPU thread.</summary>
    /// <param name="offset">From the start; <paramref name="offset"/> + length is within <see cref="ConfigurationLength"/>.</param>
    /// <param name="data">1, 2, 4 or 8 bytes to fill, little-endian.</param>
    public abstract void ReadConfiguration(int offset, Span<byte> data);

    /// <summary>The driver writes configuration space; most devices have nothing to write.</summary>
    /// <param name="offset">From the start; <paramref name="offset"/> + length is within <see cref="ConfigurationLength"/>.</param>
    /// <param name="data">1, 2, 4 or 8 bytes, little-endian.</param>
    public virtual void WriteConfiguration(int offset, ReadOnlySpan<byte> data)
    {
    }

    /// <summary>The driver is ready. The device is idle.</summary>
    /// <remarks>This, resets and replaced queues come from vCPU threads and are carried out on the device's own: what a
    /// device does with the host's sockets, taps and timers is no business of a thread that runs guest code.</remarks>
    public void Activate(VirtioActivation activation)
    {
        ArgumentNullException.ThrowIfNull(activation);
        Thread.Invoke(() =>
        {
            Fault = null;
            Active = activation;
            OnActivated(activation);
            if (!IsPaused)
            {
                Listen();
            }
        });
    }

    /// <summary>The driver has set the device up in a way it cannot be driven: it serves nothing until the next reset. The
    /// transport asks for that reset.</summary>
    /// <param name="reason">Why, for the operator.</param>
    public void Refuse(string reason) => Fault ??= reason;

    /// <summary>Brings the device to rest and forgets its driver; when this returns, nothing of it touches guest memory.</summary>
    public void Reset()
    {
        if (Active is not null)
        {
            Thread.Invoke(() =>
            {
                Silence();
                OnReset();
                Active = null;
            });
        }

        Fault = null;
    }

    /// <summary>Brings the device to rest, keeping everything: no queue is looked at and no I/O of it is under way.</summary>
    public void Pause()
    {
        if (IsPaused)
        {
            return;
        }

        IsPaused = true;
        if (Active is not null)
        {
            Silence();
            OnPaused();
        }
    }

    /// <summary>Goes on after <see cref="Pause"/>.</summary>
    public void Resume()
    {
        if (!IsPaused)
        {
            return;
        }

        IsPaused = false;
        if (Active is not null)
        {
            OnResumed();
            Listen();
        }
    }

    /// <summary>
    /// The driver resets one queue (virtio 1.3 §2.6.1), or has described one anew.
    /// </summary>
    /// <param name="index">The queue.</param>
    /// <param name="queue">Null for a reset: when this returns nothing of the device touches the old queue's memory.</param>
    public void ReplaceQueue(int index, Virtqueue? queue)
    {
        if (Active is not { } active)
        {
            return;
        }

        Thread.Invoke(() =>
        {
            Silence();
            if (active.Queues[index] is { } old)
            {
                OnQueueReset(old);
            }

            active.Queues[index] = queue;
            if (!IsPaused)
            {
                Listen();
            }
        });
    }

    /// <summary>Serves one queue, on the device's thread. Tests call it where no thread runs.</summary>
    public void Serve(int queue)
    {
        if (Active is not { } active || active.Queues[queue] is not { } virtqueue || Fault is not null)
        {
            return;
        }

        try
        {
            OnNotified(virtqueue);
            Check(virtqueue);
        }
#pragma warning disable CA1031 // A defect of one device must not silence it without a word, nor the others of its thread.
        catch (Exception defect)
#pragma warning restore CA1031
        {
            Fail($"serving queue {queue} failed with {defect.GetType().Name}: {defect.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the device for good.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Reset();
            foreach (Doorbell doorbell in _doorbells)
            {
                doorbell.Dispose();
            }
        }
    }

    /// <summary>The driver has negotiated; no ring has been answered yet.</summary>
    protected virtual void OnActivated(VirtioActivation activation)
    {
    }

    /// <summary>No handler runs any more. Cancel or await I/O under way and drop what is held of the queues; requests
    /// still lent need not be completed.</summary>
    protected virtual void OnReset()
    {
    }

    /// <summary>No handler runs any more. Await I/O under way and complete it, or keep it to begin it again.</summary>
    protected virtual void OnPaused()
    {
    }

    /// <summary>About to listen again.</summary>
    protected virtual void OnResumed()
    {
    }

    /// <summary>As <see cref="OnReset"/>, for one queue; the others go on afterwards.</summary>
    protected virtual void OnQueueReset(Virtqueue queue)
    {
    }

    /// <summary>There may be requests in a queue. On the device's thread.</summary>
    protected abstract void OnNotified(Virtqueue queue);

    /// <summary>
    /// Serves a queue as most devices do: notifications off, every request handed to the device, what it completed
    /// published, notifications awaited, and once more when requests came in meanwhile. Ends after so many requests, however
    /// fast the driver adds: the device rings its own doorbell then, and the thread's other work comes first.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="serve">Serves one request: completes it, now or later, and returns true; or leaves it alone and
    /// returns false when the device can take no more. Then it is put back, and the round ends with notifications off:
    /// the device begins another when it can go on. Kept by the device, so that no round allocates.</param>
    /// <param name="most">Requests, at most.</param>
    protected void ServeRound(Virtqueue queue, Func<DescriptorChain, bool> serve, int most = RequestsPerRound)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(serve);
        int left = most;
        do
        {
            bool isWatching = true;
            queue.SuppressNotifications();
            while (left > 0 && Fault is null && queue.TryPop(out DescriptorChain? chain))
            {
                left--;
                if (!serve(chain))
                {
                    queue.Return(chain);
                    Publish(queue);
                    return;
                }

                if (isWatching && left % RequestsPerShow == 0)
                {
                    isWatching = !Publish(queue);
                }
            }

            Publish(queue);
            if (left == 0)
            {
                _doorbells[queue.Index].Ring();
                return;
            }
        }
        while (Fault is null && AwaitRequests(queue));
    }

    /// <summary>Waits for the next request of a queue that is empty and whose notifications are off: the thread looks at
    /// it for a while, where that pays, or the driver is asked to notify.</summary>
    /// <returns>True when requests came in meanwhile, of which nobody will tell: look again.</returns>
    protected bool AwaitRequests(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return !(_served[queue.Index] is { } served && served.TryPoll(queue)) && queue.AllowNotifications();
    }

    /// <summary>The driver is about to add to a queue that is empty: the thread looks at it for a while, where that pays,
    /// and the driver need not notify.</summary>
    protected void ExpectRequests(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (_served[queue.Index] is { } served && served.TryPoll(queue))
        {
            queue.SuppressNotifications();
        }
    }

    /// <summary>Shows the driver what was completed, and interrupts it if it asked for that.</summary>
    /// <returns>Whether it was interrupted. A driver that was not is at work on the queue or does not wait for it; one
    /// that was had better be shown the rest of a round at once.</returns>
    protected bool Publish(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        bool interrupt = queue.Publish();
        if (interrupt)
        {
            Active?.Interrupts.UsedBuffers(queue.Index);
        }

        return interrupt;
    }

    /// <summary>Stops the device until its driver resets it.</summary>
    /// <param name="reason">Why, for the operator.</param>
    protected void Fail(string reason)
    {
        if (Fault is null)
        {
            Fault = reason;
            Active?.Interrupts.NeedsReset();
        }
    }

    /// <summary>Stops the device when its driver has broken a queue. Called after every <see cref="OnNotified"/>; to be
    /// called by whatever else takes from a queue.</summary>
    protected void Check(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (queue.Fault != VirtqueueFault.None)
        {
            Fail($"the driver broke queue {queue.Index}: {queue.Fault}");
        }
    }

    private void Listen()
    {
        for (int i = 0; i < _doorbells.Length; i++)
        {
            if (Active?.Queues[i] is not null && _served[i] is null && AnswersDoorbell(i))
            {
                int queue = i;
                _served[i] = Thread.Serve(_doorbells[i], () => Serve(queue));

                // Requests may have come in while nobody listened.
                _doorbells[i].Ring();
            }
        }
    }

    private void Silence()
    {
        for (int i = 0; i < _served.Length; i++)
        {
            _served[i]?.Dispose();
            _served[i] = null;
        }
    }
}
