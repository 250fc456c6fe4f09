using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands.Devices;

/// <summary>What the cmdlets for devices share: they keep the running machine and its definition in step.</summary>
public abstract class DeviceCommand : StratoCommand
{
    /// <summary>The devices of a machine, those of its definition and those only its present run has.</summary>
    private protected static IReadOnlyList<StratoDevice> DevicesOf(StratoVm vm)
    {
        IReadOnlyList<LiveDevice> live = vm.Run is { Ended: false } run ? run.Devices : [];
        IEnumerable<StratoDevice> defined = vm.Spec.ListDevices()
            .Select(spec => new StratoDevice(vm.Name, spec, live.FirstOrDefault(device => IsNamed(device.Spec, spec.Name))));
        IEnumerable<StratoDevice> others = live
            .Where(device => vm.Spec.FindDevice(device.Spec.Name) is null)
            .Select(device => new StratoDevice(vm.Name, device.Spec, device));
        return [.. defined, .. others];
    }

    /// <summary>The device as it is now.</summary>
    /// <exception cref="StratoVirtException">It is gone.</exception>
    private protected StratoDevice Read(string vmName, string deviceName)
    {
        IReadOnlyList<StratoDevice> devices = DevicesOf(Machine(vmName));
        return devices.FirstOrDefault(device => IsNamed(device.Spec, deviceName)) ?? throw NoSuchDevice(vmName, deviceName, devices);
    }

    /// <summary>The devices of a machine that a name or pattern matches; a name that matches nothing is an error.</summary>
    private protected IEnumerable<StratoDevice> Match(StratoVm vm, IEnumerable<string> names)
    {
        IReadOnlyList<StratoDevice> devices = DevicesOf(vm);
        foreach (string name in names)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            StratoDevice[] matches = [.. devices.Where(device => pattern.IsMatch(device.Name))];
            if (matches.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                Report(vm, NoSuchDevice(vm.Name, name, devices));
            }

            foreach (StratoDevice match in matches)
            {
                yield return match;
            }
        }
    }

    /// <summary>The machine of a name.</summary>
    private protected StratoVm Machine(string name) => Catalog.Find(WildcardPattern.Escape(name), Report).First();

    /// <summary>The run of a machine in this process; null when it is stopped.</summary>
    /// <exception cref="StratoVirtException">Another process runs it.</exception>
    private protected static MachineRun? LiveRun(StratoVm vm) => vm.State == StratoVmState.Stopped ? null : vm.RequireLiveRun();

    /// <summary>Acts on the machines that match names or patterns.</summary>
    private protected void ForEachMachine(IEnumerable<string> names, Action<StratoVm> action)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            Attempt(name, () =>
            {
                foreach (StratoVm vm in Catalog.Find(name, Report))
                {
                    if (seen.Add(vm.Name))
                    {
                        Attempt(vm, () => action(vm));
                    }
                }
            });
        }
    }

    /// <summary>Stores what has become of a machine's devices.</summary>
    private protected void Store(string vmName, Func<VmSpec, VmSpec> change) =>
        Catalog.Update(vmName, definition => definition with { Spec = change(definition.Spec) });

    /// <summary>Changes the definition of a machine, then the machine itself. In this order, because a definition can be
    /// put back as it was without asking anybody, and a device that a guest has seen cannot.</summary>
    /// <param name="vmName">The machine.</param>
    /// <param name="change">What becomes of its definition.</param>
    /// <param name="undo">Takes that back, when the machine refuses.</param>
    /// <param name="act">Changes the machine.</param>
    private protected void StoreAnd(string vmName, Func<VmSpec, VmSpec> change, Func<VmSpec, VmSpec> undo, Action act)
    {
        Store(vmName, change);
        try
        {
            act();
        }
        catch
        {
            PutBack(vmName, undo);
            throw;
        }
    }

    /// <summary>Refuses a specification that could not be stored, before anything is done.</summary>
    private protected static void Check(StratoVm vm, VmSpec changed) => VmCatalog.Check(vm.WithSpec(changed));

    /// <summary>The value of a parameter; null when the user did not give it.</summary>
    private protected T? Given<T>(string parameter, T value)
        where T : struct => IsGiven(parameter) ? value : null;

    // What the machine said is the error; that the definition kept the change besides is a warning.
    private void PutBack(string vmName, Func<VmSpec, VmSpec> undo)
    {
        try
        {
            Store(vmName, undo);
        }
        catch (Exception failure) when (ErrorRecords.For(failure, vmName) is not null)
        {
            WriteWarning($"The definition of {vmName} keeps what its machine has refused: {failure.Message}");
        }
    }

    /// <summary>Whether a device goes by a name.</summary>
    private static bool IsNamed(DeviceSpec device, string name) =>
        device.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static StratoVirtException NoSuchDevice(string vmName, string deviceName, IReadOnlyList<StratoDevice> present) =>
        ErrorRecords.Failure(
            CommandErrorId.NoSuchDevice,
            $"{vmName} has no device '{deviceName}'.",
            present.Count != 0
                ? $"It has: {string.Join(", ", present.Select(device => device.Name))}."
                : $"It has none; add one with: Add-StratoDevice {vmName}");
}
