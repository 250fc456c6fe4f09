using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Memory;

namespace StratoVirt.Backends.Net.Vhost;

/// <summary>A pair of queues between a guest and a queue of a tap, by the kernel's vhost_net.</summary>
internal sealed class VhostPair : IVhostPair
{
    private const int ReceiveQueue = 0;
    private const int SendQueue = 1;

    private readonly VhostNet _vhost;
    private readonly TapDevice _tap;
    private bool _isOwned;

    /// <summary>Takes over a vhost that nobody owns yet.</summary>
    /// <param name="vhost">The kernel's end; owned.</param>
    /// <param name="tap">The tap's queue; not owned.</param>
    /// <exception cref="LinuxException">It is no vhost-net.</exception>
    internal VhostPair(VhostNet vhost, TapDevice tap)
    {
        Features = vhost.GetFeatures();
        _vhost = vhost;
        _tap = tap;
    }

    /// <inheritdoc/>
    public ulong Features { get; }

    /// <inheritdoc/>
    public void Start(GuestMemory memory, ulong features, in VhostQueue receive, in VhostQueue send)
    {
        ArgumentNullException.ThrowIfNull(memory);
        try
        {
            // Not before it is needed: the kernel works in the memory of the process that asks for this.
            if (!_isOwned)
            {
                _vhost.SetOwner();
                _isOwned = true;
            }

            _vhost.SetFeatures(features & Features);
            Share(memory);
            _vhost.SetRing(ReceiveQueue, RingOf(memory, receive));
            _vhost.SetRing(SendQueue, RingOf(memory, send));
            Attach();
        }
        catch (LinuxException refused)
        {
            throw new NetBackendException(NetBackendError.Refused, $"The host's kernel does not serve its queues: {refused.Message}", refused);
        }
    }

    /// <inheritdoc/>
    public (ushort Receive, ushort Send) Stop()
    {
        _vhost.Detach();
        return (_vhost.GetBase(ReceiveQueue), _vhost.GetBase(SendQueue));
    }

    /// <inheritdoc/>
    public void Dispose() => _vhost.Dispose();

    private void Attach()
    {
        try
        {
            _vhost.Attach(_tap);
        }
        catch (LinuxException)
        {
            _vhost.Detach();
            throw;
        }
    }

    private void Share(GuestMemory memory)
    {
        ReadOnlySpan<GuestMemoryRegion> regions = memory.Regions;
        Span<VhostRegion> table = new VhostRegion[regions.Length];
        for (int i = 0; i < regions.Length; i++)
        {
            table[i] = new VhostRegion(regions[i].Range.Start.Value, regions[i].Range.Length, regions[i].HostAddress);
        }

        _vhost.SetMemory(table);
    }

    private static VhostRing RingOf(GuestMemory memory, in VhostQueue queue) => new(
        queue.Size,
        queue.Base,
        AddressOf(memory, queue.DescriptorArea),
        AddressOf(memory, queue.DriverArea),
        AddressOf(memory, queue.DeviceArea),
        queue.Kick.Event,
        queue.Call.Event,
        queue.Broken.Event);

    // The queue was checked to lie in one region when the driver enabled it; the kernel checks it once more.
    private static nint AddressOf(GuestMemory memory, GuestAddress address) =>
        memory.TryGetBuffer(address, 1, out GuestBuffer buffer)
            ? buffer.HostAddress
            : throw new NetBackendException(NetBackendError.Refused, $"The ring at {address} is not in guest memory.");
}
