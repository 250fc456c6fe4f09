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
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    // A guest that is still booting loses a press: it has no driver for the button yet.
    private static readonly TimeSpan PressAgain = TimeSpan.FromSeconds(5);

    /// <summary>What it is made of now, and which devices can leave it.</summary>
    /// <param name="stored">Its definition in the store, for a run that does not tell what it was started with.</param>
    public LiveMachine Describe(VmDefinition stored)
    {
        VmDefinition started = run.Definition ?? stored;
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
            var clock = Stopwatch.StartNew();
            TimeSpan nextPress = PressAgain;
            while (run.WaitFor(HasEnded, Least(Slice, limit - clock.Elapsed), token) is null && clock.Elapsed < limit)
            {
                onWait(clock.Elapsed);
                if (clock.Elapsed >= nextPress)
                {
                    nextPress += PressAgain;
                    TryPress(force: true);
                }
            }

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

    private static bool HasEnded(MachineStatus status) => status.State is RunState.Shutdown or RunState.InternalError;

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => other < TimeSpan.Zero ? TimeSpan.Zero : one < other ? one : other;

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
