using StratoVirt.Definitions;
using StratoVirt.Definitions.Changes;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Fleet;

/// <summary>Carries plans out.</summary>
internal sealed class VmSynchronizer(VmCatalog catalog, CancellationToken token)
{
    /// <summary>How long a guest has to shut down, or to give a device back.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>Turn off guests that do not shut down.</summary>
    public required bool Force { get; init; }

    /// <summary>Start machines in host processes of their own.</summary>
    public required bool Detached { get; init; }

    /// <summary>Told what is waited for, again and again.</summary>
    public required Action<string> OnWait { get; init; }

    /// <summary>Told of what went wrong with one change; the others go on.</summary>
    public required Action<Exception> OnFault { get; init; }

    /// <summary>What there is of a machine.</summary>
    public VmPresent Inspect(string name)
    {
        if (catalog.Entry(name) is not { } entry)
        {
            return new VmPresent(false, null, StratoVmState.Stopped, null);
        }

        if (entry.Definition is not { } definition)
        {
            return new VmPresent(true, null, catalog.OwnerOf(entry.Name) is null ? StratoVmState.Stopped : StratoVmState.Running, null);
        }

        StratoVm vm = catalog.RequireVm(name);
        LiveMachine? live = vm.Run is { Ended: false } run ? new LiveVm(run).Describe() : null;
        return new VmPresent(true, definition, vm.State, live);
    }

    /// <summary>Does what a plan says. What of it is not done, its changes say.</summary>
    /// <exception cref="StratoVirtException">Something ended it; what was done stays.</exception>
    public void CarryOut(string name, VmPlan plan)
    {
        if (plan.Remove)
        {
            if (plan.Present.IsLive)
            {
                ShutDown(name);
            }

            catalog.Remove(name);
            return;
        }

        if (plan.Create)
        {
            catalog.Add(plan.Wanted!);
        }
        else if (plan.Store)
        {
            catalog.Replace(plan.Wanted!);
        }

        if (!plan.Hot.IsEmpty)
        {
            Plug(name, plan);
        }

        if (plan.Stop || plan.Restart)
        {
            ShutDown(name);
        }

        if (plan.Start || plan.Restart)
        {
            Start(catalog.RequireVm(name));
        }

        if (plan.Resume && !plan.Restart)
        {
            Live(name).Resume();
        }
    }

    private void Start(StratoVm vm)
    {
        if (Detached)
        {
            catalog.StartDetached(vm, jailed: false, token);
        }
        else
        {
            catalog.Start(vm);
        }
    }

    private void ShutDown(string name) =>
        Live(name).ShutDown(Limit, Force, passed => OnWait($"{name}: waiting for its guest to shut down, {passed.TotalSeconds:0} s"), token);

    private LiveVm Live(string name) => new(catalog.RequireVm(name).RequireLiveRun());

    // Those that leave first: they free names, slots and files of the host for those that come.
    private void Plug(string name, VmPlan plan)
    {
        LiveVm live = Live(name);
        VmSpec target = DefinitionDiff.Apply(plan.Present.Live!.Definition, plan.Hot.Select(hot => hot.Change)).Spec;
        var byDevice = plan.Hot.GroupBy(hot => (hot.Change.Device!, Rank: Rank(hot.Change))).OrderBy(group => group.Key.Rank);
        foreach (var group in byDevice)
        {
            (string device, int rank) = group.Key;
            OnWait($"{name}: {device}");
            try
            {
                switch (rank)
                {
                    case 0:
                        live.Remove(device, Limit, token);
                        break;
                    case 1:
                        live.Change(target.FindDevice(device)!);
                        break;
                    default:
                        live.Add(target.FindDevice(device)!);
                        break;
                }
            }
            catch (MachineException refused)
            {
                bool isPending = refused.Id is MachineErrorId.DeviceUnchangeable or MachineErrorId.HotPlugUnavailable or MachineErrorId.TooManyDevices;
                foreach ((_, StratoVmChange shown) in group)
                {
                    shown.Applied = isPending ? StratoChangeApplied.Pending : StratoChangeApplied.Failed;
                }

                if (!isPending)
                {
                    OnFault(refused);
                }
            }
        }
    }

    private static int Rank(DefinitionChange change) => (change.Kind, DeviceItself: change.IsDevice) switch
    {
        (ChangeKind.Remove, true) => 0,
        (ChangeKind.Add, true) => 2,
        _ => 1,
    };
}
