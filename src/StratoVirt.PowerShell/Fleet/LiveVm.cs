using System.Diagnostics;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Changes;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Fleet;

/// <summary>A machine that runs, as far as synchronising works with it.</summary>
internal sealed class LiveVm(MachineRun run)
{
    /// <summary>What it is made of now, and which devices can leave it.</summary>
    public LiveMachine Describe()
    {
        VmDefinition started = run.Definition;
        IReadOnlyList<LiveDevice> devices = run.Devices;
        VmSpec bare = started.Spec.ListDevices().Aggregate(started.Spec, (spec, device) => spec.WithoutDevice(device.Name));
        // In the order of the definition and then of their coming, which is that of the list.
        VmSpec present = devices.Where(device => device.State != StratoDeviceState.Leaving)
            .Aggregate(bare, (spec, device) => spec.WithDevice(device.Spec));
        return new LiveMachine(
            started with { Spec = present },
            [.. devices.Where(device => device.Bus == "pci" || device.Spec is ConsolePortSpec).Select(device => device.Spec.Name)]);
    }

    /// <summary>Plugs a device in.</summary>
    public void Add(DeviceSpec device) => run.AddDevice(device);

    /// <summary>Changes settings of a device.</summary>
    public void Change(DeviceSpec device) => run.ChangeDevice(device);

    /// <summary>Takes a device out; the guest has a time to give it back.</summary>
    public void Remove(string device, TimeSpan limit, CancellationToken token) => run.RemoveDevice(device, limit, token);

    /// <summary>Lets it go on.</summary>
    public void Resume() => run.Resume();

    /// <summary>Ends it with its guest's consent or, with force, without.</summary>
    /// <param name="limit">How long the guest has.</param>
    /// <param name="force">Turn it off when the guest cannot be asked or does not answer.</param>
    /// <param name="onWait">Told the time passed, again and again.</param>
    /// <param name="token">Ends the waiting.</param>
    /// <exception cref="MachineException">The guest cannot be asked.</exception>
    /// <exception cref="StratoVirtException">It did not answer in time.</exception>
    public void ShutDown(TimeSpan limit, bool force, Action<TimeSpan> onWait, CancellationToken token)
    {
        if (run.Status.State != RunState.InternalError && TryPress(force))
        {
            PowerDown.Await(run, Stopwatch.StartNew(), limit, onWait, token);
            if (!run.Ended && !force && run.Status.State != RunState.InternalError)
            {
                throw new StratoVirtException(
                    ErrorRecords.Id(MachineErrorId.Timeout),
                    $"{run.Name}: the guest did not shut down within {limit.TotalSeconds:0} s.",
                    "Try again with -Force to turn it off when it does not answer.");
            }
        }

        run.PowerOff();
    }

    private bool TryPress(bool force)
    {
        try
        {
            run.RequestPowerDown();
            return true;
        }
        catch (MachineException refused) when (force && refused.Id == MachineErrorId.InvalidState)
        {
            // It is held, has no button, or ended in this moment.
            return false;
        }
    }
}
