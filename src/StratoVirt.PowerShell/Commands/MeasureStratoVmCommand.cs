using System.Management.Automation;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Tells what machines have done and use: once, or again and again with rates.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "StratoVm", DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVmMeasure))]
public sealed class MeasureStratoVmCommand : TargetedVmCommand
{
    private readonly VmMeter _meter = new();
    private readonly List<StratoVm> _machines = [];

    /// <summary>Seconds between two looks.</summary>
    [Parameter]
    [ValidateRange(0.1, 3600)]
    public double IntervalSeconds { get; set; } = 1;

    /// <summary>How often to look after the first time; each look has rates over the interval before it.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Go on until the machines have ended or Ctrl-C is pressed.</summary>
    [Parameter]
    public SwitchParameter Follow { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        vm.RequireLiveRun();
        _machines.Add(vm);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        bool once = Count == 0 && !Follow;
        Look(emit: once);
        for (int i = 0; _machines.Count > 0 && (Follow || i < Count); i++)
        {
            if (StopToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(IntervalSeconds)))
            {
                return;
            }

            Look(emit: true);
        }
    }

    private void Look(bool emit)
    {
        _meter.Begin();
        foreach (StratoVm vm in _machines.ToArray())
        {
            // Whoever follows machines knows that they end; who asked for a figure is told why there is none.
            _machines.Remove(vm);
            MachineRun? live = vm.Run is { Ended: false } run ? run : null;
            if (!Follow || live is not null)
            {
                Attempt(vm, () =>
                {
                    StratoVmMeasure measure = _meter.Measure(vm, live ?? vm.RequireLiveRun());
                    _machines.Add(vm);
                    if (emit)
                    {
                        WriteObject(measure);
                    }
                });
            }
        }
    }
}
