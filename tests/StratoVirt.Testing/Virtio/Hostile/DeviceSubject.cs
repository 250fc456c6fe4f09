using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>
/// A kind of device to be driven: makes one over a host's side that records, lays out requests a good driver makes of
/// it, moves the host's side, and knows what an answer must be.
/// </summary>
public abstract class DeviceSubject : IDisposable
{
    /// <summary>Guest physical address of the first page of <see cref="PageLength"/> bytes that requests may give away
    /// whole; no request lies there.</summary>
    public const ulong Pages = 0x2_0000_0000;

    /// <summary>Bytes of such pages.</summary>
    public const ulong PageLength = 1 << 20;

    /// <summary>The guest's memory.</summary>
    protected TestGuestMemory Memory { get; private set; } = null!;

    /// <summary>A queue of which a sane request is answered by a device that has just been set up; -1 for none.</summary>
    public virtual int ProbeQueue => 0;

    /// <summary>Whether guest memory must be shared with other processes.</summary>
    public virtual bool NeedsSharedMemory => false;

    /// <summary>Whether nonsense in a request may name memory that the request does not consist of.</summary>
    public virtual bool NonsenseReachesMemory => false;

    /// <summary>Features a driver of it can do nothing without.</summary>
    public virtual ulong NeededFeatures => 0;

    /// <summary>Makes a device, whose end this does not see to.</summary>
    public VirtioDevice Make(IoThread thread, TestGuestMemory memory)
    {
        Memory = memory;
        return Make(thread);
    }

    /// <summary>The driver has set the device up.</summary>
    /// <param name="features">What was negotiated.</param>
    public virtual void Begin(ulong features)
    {
    }

    /// <summary>The driver has forgotten every request: a reset.</summary>
    public virtual void Forget()
    {
    }

    /// <summary>Lays out a request for a queue.</summary>
    /// <returns>False when the driver has no use for the queue now.</returns>
    public abstract bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices);

    /// <summary>Judges the answer to a sane request.</summary>
    /// <returns>What is wrong; null for nothing.</returns>
    public virtual string? Judge(int queue, RequestPlan plan, uint written) => null;

    /// <summary>A request is over, answered or not.</summary>
    public virtual void Drop(RequestPlan plan)
    {
    }

    /// <summary>Moves the host's side.</summary>
    public abstract void Act(ref Choices choices);

    /// <summary>The host's side does all it owes.</summary>
    public virtual void Settle()
    {
    }

    /// <summary>Whether every request of a queue is answered once the host's side has settled.</summary>
    public virtual bool MustAnswer(int queue, ulong features) => false;

    /// <summary>Whether the host's side has ended for good, so that the device serves nobody until it is taken out.</summary>
    public virtual bool HasEnded => false;

    /// <summary>What is wrong on the host's side; null for nothing.</summary>
    public virtual string? FindFault() => null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what outlives devices.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Makes a device.</summary>
    protected abstract VirtioDevice Make(IoThread thread);

    /// <summary>Fails when a backend was handed memory that is not the guest's.</summary>
    protected void RequireGuestMemory(nint address, int length)
    {
        foreach (GuestMemoryRegion region in Memory.Memory.Regions)
        {
            ulong offset = unchecked((ulong)(address - region.HostAddress));
            if (offset < region.Range.Length && (ulong)length <= region.Range.Length - offset)
            {
                return;
            }
        }

        throw new HostileFindingException($"The host's side was handed {length} bytes that are not the guest's.");
    }

    /// <summary>A buffer of nonsense for a device to read.</summary>
    protected DriverBuffer Nonsense(int length, ref Choices choices)
    {
        DriverBuffer buffer = Memory.Writable(length) with { IsWritable = false };
        choices.Fill(Memory.Span(buffer));
        return buffer;
    }
}
