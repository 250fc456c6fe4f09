namespace StratoVirt.PowerShell;

/// <summary>What is wanted of a machine, as <c>spec.state</c> of its document has it.</summary>
public enum StratoWantedState
{
    /// <summary>It is there; whether it runs is left as it is.</summary>
    Present,

    /// <summary>It is there and runs.</summary>
    Running,

    /// <summary>It is there and does not run.</summary>
    Stopped,

    /// <summary>It is not there.</summary>
    Absent,
}
