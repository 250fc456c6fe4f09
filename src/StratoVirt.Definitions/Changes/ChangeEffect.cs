namespace StratoVirt.Definitions.Changes;

/// <summary>When a machine that runs has a change, once its definition has it.</summary>
public enum ChangeEffect
{
    /// <summary>At once: nothing in the machine depends on it.</summary>
    Record,

    /// <summary>At once, when the machine is told.</summary>
    Hot,

    /// <summary>At its next start, for which no restart is worth its while: nothing the guest works with is different.</summary>
    NextStart,

    /// <summary>At its next start, and until then the machine is another than its definition says.</summary>
    Restart,
}
