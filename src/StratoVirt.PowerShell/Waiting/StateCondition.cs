using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Waiting;

/// <summary>The machine is in one of these states.</summary>
internal sealed class StateCondition(IReadOnlyList<StratoVmState> states) : WaitCondition
{
    // A machine of another process tells nobody when it changes; it is looked at this often.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public override string Description => $"to be {string.Join(" or ", states)}";

    /// <inheritdoc/>
    public override bool NeedsGuest => false;

    /// <inheritdoc/>
    public override bool IsMet(StratoVm vm, MachineRun? run) => states.Contains(vm.State);

    /// <inheritdoc/>
    public override void Pause(MachineRun? run, TimeSpan slice, CancellationToken cancellationToken)
    {
        if (run is null || run.Ended)
        {
            Sleep(slice < LookAgain ? slice : LookAgain, cancellationToken);
        }
        else
        {
            run.WaitFor(status => states.Contains(VmStates.From(status.State)), slice, cancellationToken);
        }
    }
}
