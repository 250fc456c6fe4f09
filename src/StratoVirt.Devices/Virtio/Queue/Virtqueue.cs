using System.Diagnostics.CodeAnalysis;
using StratoVirt.Linux.Events;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>
/// The device's end of one virtqueue (virtio 1.3 §2.6 to §2.8). Used by one thread at a time. Whatever the driver
/// writes, a queue reads nothing outside guest memory, ends every walk, allocates nothing once it has been used to its
/// depth, and throws nothing: it stops with a <see cref="Fault"/>.
/// </summary>
public abstract class Virtqueue : IPolled
{
    private readonly Stack<DescriptorChain> _free = new();
    private ulong _taken;

    private protected Virtqueue(in VirtqueueSetup setup, VirtqueueOptions options, GuestMemory memory)
    {
        Setup = setup;
        HasIndirect = options.HasFlag(VirtqueueOptions.Indirect);
        HasEventIndex = options.HasFlag(VirtqueueOptions.EventIndex);
        Memory = memory;
    }

    /// <summary>What the driver said of it, checked.</summary>
    public VirtqueueSetup Setup { get; }

    /// <summary>The queue's number in its device.</summary>
    public int Index => Setup.Index;

    /// <summary>Entries.</summary>
    public ushort Size => Setup.Size;

    /// <summary>How the driver has broken the queue; sticks until the queue is reset.</summary>
    public VirtqueueFault Fault { get; private set; }

    /// <summary>Requests the device holds.</summary>
    public int InFlight { get; private set; }

    /// <summary>Whether there is a request to take, or a fault to find in taking it.</summary>
    public bool HasWork => Fault == VirtqueueFault.None && IsAvailable;

    /// <summary>Whether the driver has made another request available.</summary>
    private protected abstract bool IsAvailable { get; }

    /// <summary>Whether indirect tables were negotiated.</summary>
    private protected bool HasIndirect { get; }

    /// <summary>Whether event indexes were negotiated.</summary>
    private protected bool HasEventIndex { get; }

    /// <summary>Where the rings and buffers are.</summary>
    private protected GuestMemory Memory { get; }

    /// <summary>Makes the device's end of a queue the driver has described.</summary>
    /// <param name="setup">Sizes and addresses, not to be trusted.</param>
    /// <param name="options">What was negotiated.</param>
    /// <param name="memory">Guest memory.</param>
    /// <param name="queue">The queue.</param>
    /// <returns>Why it cannot be made, or <see cref="VirtqueueFault.None"/>.</returns>
    public static VirtqueueFault TryCreate(
        in VirtqueueSetup setup, VirtqueueOptions options, GuestMemory memory, out Virtqueue? queue)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return options.HasFlag(VirtqueueOptions.Packed)
            ? PackedVirtqueue.TryCreate(setup, options, memory, out queue)
            : SplitVirtqueue.TryCreate(setup, options, memory, out queue);
    }

    /// <summary>Takes the next request; false when there is none, or the queue is faulty.</summary>
    public bool TryPop([NotNullWhen(true)] out DescriptorChain? chain)
    {
        chain = null;
        if (Fault != VirtqueueFault.None)
        {
            return false;
        }

        if (!_free.TryPop(out DescriptorChain? next))
        {
            next = new DescriptorChain(this);
        }

        next.Clear();
        if (!Take(next))
        {
            _free.Push(next);
            return false;
        }

        next.IsLent = true;
        next.Turn = ++_taken;
        InFlight++;
        chain = next;
        return true;
    }

    /// <summary>
    /// Gives a request back to the driver, who sees it after the next <see cref="Publish"/>. Requests may be given
    /// back in any order.
    /// </summary>
    /// <param name="chain">The request.</param>
    /// <param name="written">Bytes written to its writable part, from the start.</param>
    /// <exception cref="InvalidOperationException">It has been given back already: a mistake of the device.</exception>
    public void Complete(DescriptorChain chain, uint written)
    {
        TakeBack(chain);
        PutUsed(chain, Math.Min(written, chain.WritableLength));
    }

    /// <summary>Puts back the request that was taken last, as if it had not been taken. Then the one taken before it
    /// can go back as well, as long as it was not completed.</summary>
    /// <exception cref="InvalidOperationException">It has been given back already, or a later one was taken and not put
    /// back: a mistake of the device.</exception>
    public void Return(DescriptorChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        if (chain.Turn != _taken)
        {
            throw new InvalidOperationException($"A request of queue {Index} was put back that was not the last one taken.");
        }

        TakeBack(chain);
        Untake(chain);
        _taken--;
    }

    /// <summary>Shows the driver what has been completed since the last call.</summary>
    /// <returns>Whether the driver wants an interrupt for it.</returns>
    public abstract bool Publish();

    /// <summary>Asks the driver not to notify: the device is looking anyway.</summary>
    public abstract void SuppressNotifications();

    /// <summary>Asks the driver to notify of the next request.</summary>
    /// <returns>True when requests came in meanwhile, of which the driver will not notify: look again.</returns>
    public abstract bool AllowNotifications();

    /// <inheritdoc/>
    bool IPolled.Rearm() => AllowNotifications();

    /// <summary>Positions in the rings, for a snapshot.</summary>
    /// <exception cref="InvalidOperationException">The device holds requests, or has not published what it completed: a
    /// mistake of the device.</exception>
    public VirtqueueState Save() => InFlight == 0 && IsPublished
        ? Positions
        : throw new InvalidOperationException($"Queue {Index} was saved with {InFlight} requests in flight or some unpublished.");

    /// <summary>Takes over positions from a snapshot, before the first use.</summary>
    /// <exception cref="DeviceStateException">They are not in the ring.</exception>
    public abstract void Restore(VirtqueueState state);

    private protected abstract VirtqueueState Positions { get; }

    private protected abstract bool IsPublished { get; }

    /// <summary>Reads the next request into a chain; false when there is none or after <see cref="Break"/>.</summary>
    private protected abstract bool Take(DescriptorChain chain);

    private protected abstract void Untake(DescriptorChain chain);

    private protected abstract void PutUsed(DescriptorChain chain, uint written);

    /// <summary>Records the first fault.</summary>
    private protected bool Break(VirtqueueFault fault)
    {
        Fault = fault;
        return false;
    }

    private void TakeBack(DescriptorChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        if (!chain.IsLent || chain.Queue != this)
        {
            throw new InvalidOperationException($"A request of queue {Index} was given back twice, or to another queue.");
        }

        chain.IsLent = false;
        InFlight--;
        _free.Push(chain);
    }
}
