using StratoVirt.Definitions.Devices;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine;

/// <summary>The verbs for those who cannot wait: each returns at once, and <c>completed</c> is told how it ended, with
/// null or with what the verb itself throws. It is called on the machine's own thread, or before this returns when the
/// machine has ended; it returns quickly and calls no verb that waits.</summary>
public sealed partial class VirtualMachine
{
    /// <summary>The kernel's ids of the threads that run its vCPUs now, in vCPU order; empty when it has ended.</summary>
    public IReadOnlyList<int> VcpuThreads => Status.State == RunState.Shutdown ? [] : _machine.VcpuThreads;

    /// <summary>Bytes of memory the guest was given at start.</summary>
    public ulong BaseMemory => Definition.Spec.Memory.Bytes;

    /// <summary>Asks for a change of state.</summary>
    /// <param name="verb">Any but <see cref="MachineVerb.Change"/>.</param>
    /// <param name="completed">Told how it ended.</param>
    public void Request(MachineVerb verb, Action<Exception?> completed)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)verb, (int)MachineVerb.Change, nameof(verb));
        ArgumentNullException.ThrowIfNull(completed);
        Post(verb, null, completed);
    }

    /// <summary>Asks for a device: <see cref="AddDevice"/>.</summary>
    /// <param name="device">The device.</param>
    /// <param name="completed">Told how it ended.</param>
    /// <param name="ends">What it needs of the host, opened by somebody who may what this process may not; closed with
    /// the device, or when it cannot be added. Null has this process open it.</param>
    public void RequestAddDevice(DeviceSpec device, Action<Exception?> completed, HostEnds? ends = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(completed);
        Post(MachineVerb.Change, () => _machine.AddDevice(device, ends), failure =>
        {
            ends?.Dispose();
            completed(failure);
        });
    }

    /// <summary>Asks for other settings: <see cref="ChangeDevice"/>.</summary>
    public void RequestChangeDevice(DeviceSpec wanted, Action<Exception?> completed)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        Post(MachineVerb.Change, () => _machine.ChangeDevice(wanted), completed);
    }

    /// <summary>Asks for a device to go. Completed when the guest has been asked; <see cref="DeviceRemoved"/> says when
    /// it has gone.</summary>
    public void RequestRemoveDevice(string device, Action<Exception?> completed)
    {
        ArgumentException.ThrowIfNullOrEmpty(device);
        Post(MachineVerb.Change, () => _machine.RemoveDevice(device), completed);
    }

    /// <summary>Asks for a disk and its image to become larger.</summary>
    /// <param name="disk">Its name.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="completed">Told how it ended.</param>
    public void RequestGrowDisk(string disk, long length, Action<Exception?> completed)
    {
        ArgumentException.ThrowIfNullOrEmpty(disk);
        Post(MachineVerb.Change, () => _machine.GrowDisk(disk, length), completed);
    }

    private void Post(MachineVerb verb, Action? change, Action<Exception?> completed) =>
        _driver.Post(new DriverRequest(verb, change, completed));
}
