using StratoVirt.Backends.Block;
using StratoVirt.Backends.Io;
using StratoVirt.Backends.Limits;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Devices.Virtio.Block;

/// <summary>
/// A disk (virtio 1.3 §5.2). Requests of a round are checked, neighbours joined, and given to the host in one call;
/// what is done by then is shown to the driver in one go, the rest when the host tells. A request that must wait for a
/// rate limit stays in its queue, so a device at rest holds nothing.
/// </summary>
public sealed partial class VirtioBlock : VirtioDevice
{
    private readonly Lock _changing = new();
    private readonly BlockConfiguration _configuration;
    private readonly IBlockBackend _backend;
    private readonly RateLimiter? _limiter;
    private readonly RateLimiter? _group;
    private readonly byte[] _serial;
    private readonly TimerFd _timer;
    private readonly EventRegistration _timerWatch;
    private readonly EventRegistration _completionWatch;
    private byte[] _space;
    private bool _isRestored;

    /// <summary>Makes a device.</summary>
    /// <param name="configuration">How.</param>
    /// <param name="backend">The image; owned from now on, when this returns.</param>
    /// <param name="thread">The I/O thread that serves it; not owned, and disposed after the device.</param>
    /// <param name="limiter">Holds this disk's guest back; null for no limit.</param>
    /// <param name="group">Holds a group of disks back, after <paramref name="limiter"/>; null for no limit.</param>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public VirtioBlock(
        BlockConfiguration configuration,
        IBlockBackend backend,
        IoThread thread,
        RateLimiter? limiter = null,
        RateLimiter? group = null)
        : base(VirtioDeviceType.Block, QueuesOf(configuration), thread)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _configuration = configuration;
        _backend = backend;
        _limiter = limiter;
        _group = group;
        _serial = configuration.SerialBytes();
        _space = BlockConfigurationSpace.Build(backend, configuration, writeback: true);
        _timer = TimerFd.Create();
        _timerWatch = Thread.Watch(_timer, EpollEvents.In, _ => OnTimer());
        _completionWatch = Thread.Watch(backend.Completions, EpollEvents.In, _ => OnCompletions());
    }

    /// <inheritdoc/>
    public override ulong Features =>
        BlockFeatures.SegmentLimit
        | BlockFeatures.BlockSize
        | BlockFeatures.Flush
        | BlockFeatures.Topology
        | BlockFeatures.ConfigurableCache
        | (_configuration.Queues > 1 ? BlockFeatures.MultipleQueues : 0)
        | (_backend.IsReadOnly ? BlockFeatures.ReadOnly : BlockFeatures.WriteZeroes)
        | (_backend.CanUnmap ? BlockFeatures.Discard : 0);

    /// <inheritdoc/>
    public override int ConfigurationLength => BlockConfigurationSpace.Length;

    /// <summary>The image, for the operator.</summary>
    public string ImageName => _backend.Name;

    /// <summary>Bytes of the disk at this moment.</summary>
    public long Capacity => _backend.Length;

    private bool Writeback => Volatile.Read(ref _space)[BlockConfigurationSpace.Writeback] != 0;

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data) =>
        Volatile.Read(ref _space).AsSpan(offset, data.Length).CopyTo(data);

    /// <inheritdoc/>
    public override void WriteConfiguration(int offset, ReadOnlySpan<byte> data)
    {
        // Only with CONFIG_WCE, and nothing but the one byte.
        if (offset == BlockConfigurationSpace.Writeback && data.Length == 1 && data[0] <= 1
            && Active is { } active && active.Has(BlockFeatures.ConfigurableCache))
        {
            SetWriteback(data[0] != 0);
        }
    }

    /// <summary>The host could not do what was asked; <see cref="Metrics"/> says what. On the I/O thread: handlers return
    /// at once and allocate nothing.</summary>
    public event Action? HostFailed;

    /// <summary>
    /// Looks at the image's size, after an operator has changed it; tells the driver when the disk has another capacity
    /// now. Callable from any thread.
    /// </summary>
    /// <returns>Whether it has.</returns>
    /// <exception cref="LinuxException">The host does not tell the size.</exception>
    public bool RefreshCapacity()
    {
        lock (_changing)
        {
            if (!_backend.RefreshLength())
            {
                return false;
            }

            Rebuild(Writeback);
        }

        Active?.Interrupts.ConfigurationChanged();
        return true;
    }

    /// <summary>Makes the image longer and tells the driver. Callable from any thread.</summary>
    /// <param name="length">Bytes, a multiple of the logical block, not fewer than there are.</param>
    /// <exception cref="LinuxException">The host refused.</exception>
    public void Grow(long length)
    {
        _backend.Grow(length);
        _ = RefreshCapacity();
    }

    /// <summary>The state of a paused device.</summary>
    public BlockState Save() => new()
    {
        Writeback = Writeback,
        Sectors = BitConverter.ToUInt64(Volatile.Read(ref _space)),
    };

    /// <summary>Takes a saved state over, before the device is activated.</summary>
    /// <returns>Whether the disk has another size than when it was saved: once the guest runs, it is to be told with
    /// <see cref="VirtioActivation.Interrupts"/>.</returns>
    /// <exception cref="DeviceStateException">The state is of another version.</exception>
    public bool Restore(BlockState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        DeviceStateException.CheckVersion("the disk", state.Version, BlockState.CurrentVersion);
        SetWriteback(state.Writeback);
        _isRestored = true;
        return state.Sectors != BitConverter.ToUInt64(Volatile.Read(ref _space));
    }

    /// <inheritdoc/>
    protected override void OnActivated(VirtioActivation activation)
    {
        // CONFIG_WCE without FLUSH begins as a writethrough cache (§5.2.5.2).
        if (!_isRestored && activation.Has(BlockFeatures.ConfigurableCache) && !activation.Has(BlockFeatures.Flush))
        {
            SetWriteback(false);
        }

        _isRestored = false;
        _hasCacheSwitch = activation.Has(BlockFeatures.ConfigurableCache);
        _hasFlush = activation.Has(BlockFeatures.Flush);
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        Rest();
        SetWriteback(true);
    }

    /// <inheritdoc/>
    protected override void OnPaused() => Rest();

    /// <inheritdoc/>
    protected override void OnQueueReset(Virtqueue queue) => Rest();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _completionWatch.Dispose();
            _timerWatch.Dispose();
            _timer.Dispose();
            _backend.Dispose();
        }
    }

    private static ushort[] QueuesOf(BlockConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Check();
        return [.. Enumerable.Repeat((ushort)configuration.QueueSize, configuration.Queues)];
    }

    private void SetWriteback(bool writeback)
    {
        lock (_changing)
        {
            Rebuild(writeback);
        }
    }

    // Replaced as a whole: a driver that reads meanwhile sees the old space or the new one.
    private void Rebuild(bool writeback) =>
        Volatile.Write(ref _space, BlockConfigurationSpace.Build(_backend, _configuration, writeback));
}
