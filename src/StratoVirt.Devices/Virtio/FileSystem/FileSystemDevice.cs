using StratoVirt.Backends.Io;
using StratoVirt.Backends.VhostUser;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Linux.Events;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.FileSystem;

/// <summary>
/// The file system device (virtio 1.3 §5.11). Its queues are served by another process through vhost-user, so guest
/// memory must be shared. When that process ends the device asks its driver for a reset and fails until it is removed;
/// the machine lives on.
/// </summary>
/// <remarks>Kicks reach the process without this one: it waits for <see cref="VirtioDevice.Doorbells"/>. Its calls are
/// taken on the device's thread and become interrupts.</remarks>
public sealed class FileSystemDevice : VirtioDevice
{
    private const ushort QueueSize = 128;
    private const int HighPriorityAndRequests = 2;

    private readonly FileSystemConfiguration _configuration;
    private readonly IVhostUserBackend _backend;
    private readonly byte[] _space;
    private readonly Doorbell[] _calls;
    private readonly EventRegistration?[] _answered = new EventRegistration?[HighPriorityAndRequests];
    private readonly bool[] _isStarted = new bool[HighPriorityAndRequests];
    private readonly EventRegistration? _connection;
    private volatile string? _end;
    private bool _isTold;
    private ulong _callCount;

    /// <summary>Makes an idle device and agrees on the protocol with the process that is to serve it.</summary>
    /// <param name="configuration">What it is like.</param>
    /// <param name="backend">The process; owned from now on, even when this throws.</param>
    /// <param name="memory">The guest's memory.</param>
    /// <param name="thread">The I/O thread for its interrupts; not owned.</param>
    /// <exception cref="ArgumentException">The tag is not valid.</exception>
    /// <exception cref="VhostUserException">Guest memory is not shared, or the process does not suit.</exception>
    public FileSystemDevice(
        FileSystemConfiguration configuration, IVhostUserBackend backend, GuestMemory memory, IoThread thread)
        : base(VirtioDeviceType.FileSystem, [QueueSize, QueueSize], thread)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(backend);
        _configuration = configuration;
        _backend = backend;
        _calls = [.. QueueSizes.Select(_ => new Doorbell())];
        try
        {
            _space = configuration.ToBytes();
            VhostUserFrontend.CheckShareable(memory);
            Open(backend);
            if ((backend.Frontend.Features & VirtioFeatures.Version1) == 0)
            {
                throw new VhostUserException("The back-end does not know VIRTIO_F_VERSION_1.");
            }

            _connection = thread.Watch(backend.Frontend.Connection, EpollEvents.ReadHangUp, _ => OnHangUp());
        }
        catch
        {
            End();
            base.Dispose(disposing: true);
            throw;
        }
    }

    /// <summary>Nobody serves it any more: <see cref="Problem"/> says why. Raised once, on any thread.</summary>
    public event Action? HostFailed;

    /// <inheritdoc/>
    public override ulong Features => 0;

    /// <inheritdoc/>
    public override ulong CommonFeatures => VirtioFeatures.Version1
        | (_backend.Frontend.Features & (VirtioFeatures.IndirectDescriptors | VirtioFeatures.EventIndex));

    /// <inheritdoc/>
    public override int ConfigurationLength => FileSystemConfiguration.Length;

    /// <summary>Counters at this moment.</summary>
    public FileSystemMetrics Metrics => new(Volatile.Read(ref _callCount), _end is null);

    /// <summary>Why nobody serves it any more, for the operator; null while somebody does.</summary>
    public string? Problem => _end;

    /// <inheritdoc/>
    protected override bool AnswersDoorbell(int queue) => false;

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data) => _space.AsSpan(offset, data.Length).CopyTo(data);

    /// <summary>What a snapshot keeps.</summary>
    /// <exception cref="InvalidOperationException">The driver is using the device: its files are open in a process that
    /// cannot be saved.</exception>
    public FileSystemState Save() => Active is null
        ? new FileSystemState { Tag = _configuration.Tag }
        : throw new InvalidOperationException(
            $"The guest uses the shared directory '{_configuration.Tag}': the files it has open cannot be saved.");

    /// <summary>Takes a saved state over.</summary>
    /// <exception cref="DeviceStateException">The state is of another version or another share.</exception>
    public void Restore(FileSystemState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        const string Whose = "the file system device";
        DeviceStateException.CheckVersion(Whose, state.Version, FileSystemState.CurrentVersion);
        if (state.Tag != _configuration.Tag)
        {
            throw new DeviceStateException(Whose, $"it is of '{state.Tag}', this device is '{_configuration.Tag}'");
        }
    }

    /// <inheritdoc/>
    protected override void OnActivated(VirtioActivation activation)
    {
        _isTold = false;
        if (!IsPaused)
        {
            Start();
        }
    }

    /// <inheritdoc/>
    protected override void OnResumed() => Start();

    /// <inheritdoc/>
    protected override void OnPaused() => Stop();

    /// <inheritdoc/>
    protected override void OnReset()
    {
        Stop();
        Attempt(_backend.Frontend.Reset);
    }

    /// <inheritdoc/>
    protected override void OnQueueReset(Virtqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Stop(queue);
    }

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue)
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _connection?.Dispose();
            End();
        }
    }

    private static void Open(IVhostUserBackend backend)
    {
        try
        {
            backend.Frontend.Open(HighPriorityAndRequests);
        }
        catch (VhostUserException closed) when (closed.Error == VhostUserError.Closed)
        {
            throw new VhostUserException(closed.Error, $"{closed.Message} {backend.DescribeEnd()}", closed);
        }
    }

    private void Start()
    {
        if (_end is not null)
        {
            Fail(_end);
            return;
        }

        Attempt(() =>
        {
            VirtioActivation active = Active!;
            if (!_isTold)
            {
                _backend.Frontend.SetFeatures(active.Features);
                _backend.Frontend.ShareMemory(active.Memory);
                _isTold = true;
            }

            foreach (Virtqueue? queue in active.Queues)
            {
                if (queue is not null)
                {
                    Start(queue);
                }
            }
        });
    }

    private void Start(Virtqueue queue)
    {
        int index = queue.Index;
        _answered[index] ??= Thread.Serve(_calls[index], () => OnCalled(index));
        _backend.Frontend.StartQueue(new VhostUserQueue(
            index,
            queue.Size,
            queue.Save().Available,
            queue.Setup.DescriptorArea,
            queue.Setup.DriverArea,
            queue.Setup.DeviceArea,
            Doorbells[index],
            _calls[index]));
        _isStarted[index] = true;

        // Requests may have come in while nobody waited for the bell.
        Doorbells[index].Ring();
    }

    private void Stop()
    {
        if (Active is { } active)
        {
            foreach (Virtqueue? queue in active.Queues)
            {
                if (queue is not null)
                {
                    Stop(queue);
                }
            }
        }

        if (_end is not null)
        {
            // It may be there still, without its connection, and has the guest's memory.
            _backend.Kill();
        }
    }

    private void Stop(Virtqueue queue)
    {
        int index = queue.Index;
        if (_isStarted[index] && _end is null)
        {
            Attempt(() =>
            {
                // All requests taken have been completed: used and available positions are the same.
                ushort position = _backend.Frontend.StopQueue(index);
                queue.Restore(new VirtqueueState(position, position));
            });
        }

        _isStarted[index] = false;
        _answered[index]?.Dispose();
        _answered[index] = null;
        if (_calls[index].Answer())
        {
            Active?.Interrupts.UsedBuffers(index);
        }
    }

    /// <summary>Talks to the process; when it does not behave it is ended, so that it has no more guest memory.</summary>
    private void Attempt(Action talk)
    {
        if (_end is not null)
        {
            return;
        }

        try
        {
            talk();
        }
        catch (VhostUserException failure)
        {
            _backend.Kill();
            Lose(failure.Message);
        }
    }

    private void OnCalled(int queue)
    {
        Volatile.Write(ref _callCount, _callCount + 1);
        Active?.Interrupts.UsedBuffers(queue);
    }

    private void OnHangUp()
    {
        // Called again, and then with the registration there, if this is before the constructor has it.
        _connection?.Dispose();
        if (_end is null)
        {
            Lose(_backend.DescribeEnd());
        }
    }

    private void Lose(string reason)
    {
        _end = reason;
        if (Active is not null)
        {
            Fail(reason);
        }

        HostFailed?.Invoke();
    }

    private void End()
    {
        _backend.Dispose();
        foreach (Doorbell call in _calls)
        {
            call.Dispose();
        }
    }
}
