using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Machine.Interrupts;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>A device in its place: what it is, how the guest reaches it, how it reaches KVM.</summary>
/// <param name="assembly">The device and its host side.</param>
/// <param name="transport">What the guest sees of it.</param>
/// <param name="place">Where, for the operator.</param>
/// <param name="wiring">What connects it to KVM; those that are disposable are disposed with it.</param>
internal sealed class AttachedDevice(
    DeviceAssembly assembly, VirtioTransport transport, DevicePlace place, IReadOnlyList<IKvmWiring> wiring) : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _leaving;

    /// <summary>The device and its host side.</summary>
    public DeviceAssembly Assembly { get; } = assembly;

    /// <summary>What the guest sees of it.</summary>
    public VirtioTransport Transport { get; } = transport;

    /// <summary>Where it is.</summary>
    public DevicePlace Place { get; } = place;

    /// <summary>What connects it to KVM.</summary>
    public IReadOnlyList<IKvmWiring> Wiring { get; } = wiring;

    /// <summary>Whether the guest has been asked to give it back.</summary>
    public bool IsLeaving
    {
        get => _leaving;
        set => _leaving = value;
    }

    /// <summary>Done when the device has ended, by removal or with its machine.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What the outside is told of it.</summary>
    public IEnumerable<VmDevice> Describe()
    {
        string? fault = Assembly.Fault;
        VmDeviceState state = IsLeaving ? VmDeviceState.Leaving
            : Transport.Status.HasFlag(VirtioStatus.NeedsReset) || Assembly.Device.Fault is not null ? VmDeviceState.Failed
            : Transport.Status.HasFlag(VirtioStatus.DriverOk) ? VmDeviceState.Ready
            : VmDeviceState.Idle;
        return Assembly.Parts.Select(part => new VmDevice(
            part.Spec, Place.Bus, Place.Address, state, fault ?? part.Problem, part.Metrics)
        {
            Capacity = Assembly.Capacity,
        });
    }

    /// <summary>Ends the device, then closes what it had of the host. Nothing reaches it any more.</summary>
    public void Dispose()
    {
        Transport.Dispose();
        foreach (IKvmWiring wire in Wiring)
        {
            (wire as IDisposable)?.Dispose();
        }

        Assembly.Dispose();
        _ended.TrySetResult();
    }
}
