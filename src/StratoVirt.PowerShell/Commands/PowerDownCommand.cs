using System.Diagnostics;
using System.Management.Automation;
using StratoVirt.Machine;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>
/// A cmdlet that asks guests to shut down. All power buttons are pressed first and then waited for together, so that
/// ten machines take no longer than the slowest of them.
/// </summary>
public abstract class PowerDownCommand : TargetedVmCommand
{
    private const string Activity = "Waiting for guests to shut down";

    private readonly List<(StratoVm Vm, MachineRun Run)> _pressed = [];

    /// <summary>How long the guests may take, in seconds.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>Go on without the guest's cooperation.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Emit the machines.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var clock = Stopwatch.StartNew();
        var limit = TimeSpan.FromSeconds(TimeoutSeconds);
        foreach ((StratoVm vm, MachineRun run) in _pressed)
        {
            Attempt(vm, () =>
            {
                Await(vm, run, clock, limit);
                OnStopped(vm);
            });
        }

        if (_pressed.Count != 0)
        {
            EndProgress(Activity);
        }
    }

    /// <summary>Called for each machine that has shut down.</summary>
    protected abstract void OnStopped(StratoVm vm);

    /// <summary>Presses the power button; the machine is waited for at the end.</summary>
    internal void Press(StratoVm vm, MachineRun run)
    {
        run.RequestPowerDown();
        _pressed.Add((vm, run));
    }

    private void Await(StratoVm vm, MachineRun run, Stopwatch clock, TimeSpan limit)
    {
        PowerDown.Await(
            run,
            clock,
            limit,
            passed => ShowProgress(Activity, vm.Name, (int)(100 * passed / limit), (int)(limit - passed).TotalSeconds),
            StopToken);
        if (run.Ended)
        {
            return;
        }

        if (!Force)
        {
            throw new StratoVirtException(
                ErrorRecords.Id(MachineErrorId.Timeout),
                $"{vm.Name}: the guest did not shut down within {TimeoutSeconds} s.",
                "Try again with -Force to turn it off when it does not answer, or use Stop-StratoVm -TurnOff.");
        }

        WriteVerbose($"{vm.Name}: the guest did not shut down within {TimeoutSeconds} s; turning it off.");
        run.PowerOff();
    }
}
