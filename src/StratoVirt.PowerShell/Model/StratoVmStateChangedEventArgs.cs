namespace StratoVirt.PowerShell;

/// <summary>A change of a machine's state.</summary>
public sealed class StratoVmStateChangedEventArgs : EventArgs
{
    internal StratoVmStateChangedEventArgs(StratoVm vm, StratoVmState before, StratoVmState state)
    {
        VM = vm;
        Before = before;
        State = state;
    }

    /// <summary>The machine.</summary>
    public StratoVm VM { get; }

    /// <summary>The state it was in when it was last looked at.</summary>
    public StratoVmState Before { get; }

    /// <summary>The state it is in.</summary>
    public StratoVmState State { get; }
}
