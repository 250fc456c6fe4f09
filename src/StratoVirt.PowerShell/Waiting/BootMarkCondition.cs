using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Waiting;

/// <summary>The guest has written this byte to the boot-mark port.</summary>
internal sealed class BootMarkCondition(byte code) : WaitCondition
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public override string Description => $"to write boot mark 0x{code:x2}";

    /// <inheritdoc/>
    public override bool NeedsGuest => true;

    /// <inheritdoc/>
    public override bool IsMet(StratoVm vm, MachineRun? run) =>
        run is not null && run.BootMarks.Any(mark => mark.Code == code);

    /// <inheritdoc/>
    public override void Pause(MachineRun? run, TimeSpan slice, CancellationToken cancellationToken) =>
        Sleep(slice < LookAgain ? slice : LookAgain, cancellationToken);
}
