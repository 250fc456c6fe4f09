using StratoVirt.Backends.Io;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>
/// A virtio device made from the user's words, with what it owns on the host. One subclass a family: it knows how to
/// open what the spec names, what can be changed while the machine runs, and what to count. Used by the builder and
/// the state driver's thread; only the properties are read from elsewhere.
/// </summary>
internal abstract class DeviceAssembly : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private volatile DeviceSpec _spec;
    private IoThreads? _shared;
    private string? _threadFault;
    private int _hasFailed;
    private string? _told;

    protected DeviceAssembly(DeviceSpec spec) => _spec = spec;

    /// <summary>What was asked for, changes included.</summary>
    public DeviceSpec Spec => _spec;

    /// <summary>The device. Its transport owns it.</summary>
    public abstract VirtioDevice Device { get; }

    /// <summary>Counters at this moment, in the family's own type.</summary>
    public abstract object Metrics { get; }

    /// <summary>What the user calls devices in it: most hold one.</summary>
    public virtual IReadOnlyList<DevicePart> Parts => [new DevicePart(Spec, Metrics, null)];

    /// <summary>Bytes of a disk; null for others.</summary>
    public virtual long? Capacity => null;

    /// <summary>What keeps it from working; null while nothing does.</summary>
    public string? Fault => Volatile.Read(ref _threadFault) ?? Device.Fault ?? Problem ?? _shared?.SharedFault;

    /// <summary>What is wrong with the host's side, where the device itself goes on.</summary>
    protected virtual string? Problem => null;

    /// <summary>Takes new settings over while the machine exists.</summary>
    /// <exception cref="MachineException">Something in it cannot change now; nothing has changed.</exception>
    public void Change(DeviceSpec wanted)
    {
        if (wanted.GetType() != Spec.GetType())
        {
            throw DeviceFault.Unchangeable(Spec.Name, "the kind");
        }

        Apply(wanted);
        _spec = wanted;
    }

    /// <summary>What the outside is to be told of the host's side; null when nothing has failed since this was last asked.</summary>
    public MachineEvent? TakeFailure() => Interlocked.Exchange(ref _hasFailed, 0) != 0 ? DescribeFailure() : null;

    /// <summary>Removes one of several parts, which needs nobody's consent.</summary>
    /// <returns>False when parts of this device cannot go one by one.</returns>
    public virtual bool TryRemovePart(string name) => false;

    /// <summary>Ends a device that has got no transport.</summary>
    public void Discard()
    {
        Device.Dispose();
        Dispose();
    }

    /// <summary>Closes what the device had of the host, last acquired first. The device has been disposed of before.</summary>
    public void Dispose()
    {
        OnDisposed();
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }

        _owned.Clear();
    }

    /// <summary>Applies what differs from <see cref="Spec"/>, of the same family; throws before the first effect.</summary>
    protected abstract void Apply(DeviceSpec wanted);

    /// <summary>The device has been disposed of.</summary>
    protected virtual void OnDisposed()
    {
    }

    /// <summary>The host's side has failed since the outside was last told; null when there is nothing new to say.</summary>
    protected virtual MachineEvent? DescribeFailure() => Problem is { } reason && Interlocked.Exchange(ref _told, reason) != reason
        ? new DeviceFailed(Spec.Name, reason)
        : null;

    /// <summary>Notes that the host's side has failed, on whatever thread found that, and returns at once.</summary>
    protected void NoteFailure(DeviceContext context)
    {
        Volatile.Write(ref _hasFailed, 1);
        context.HostFailed?.Invoke();
    }

    /// <summary>Refuses to change a setting that is fixed while the machine exists.</summary>
    protected void Fixed<T>(string setting, T present, T wanted)
    {
        if (!EqualityComparer<T>.Default.Equals(present, wanted))
        {
            throw DeviceFault.Unchangeable(Spec.Name, setting);
        }
    }

    /// <summary>Something to close with the device.</summary>
    protected T Own<T>(T resource)
        where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    /// <summary>The thread that small devices share.</summary>
    protected IoThread SharedThread(DeviceContext context)
    {
        _shared = context.Threads;
        return _shared.Shared;
    }

    /// <summary>A thread of its own.</summary>
    protected IoThread OwnThread(DeviceContext context) =>
        Own(context.Threads.Create(Spec.Name, failure => Volatile.Write(ref _threadFault, IoThreads.Describe(failure))));
}
