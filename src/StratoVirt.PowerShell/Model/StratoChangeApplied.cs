namespace StratoVirt.PowerShell;

/// <summary>How a change reached a machine.</summary>
public enum StratoChangeApplied
{
    /// <summary>It is in the definition, and the machine has nothing to do about it: it does not run, or has it already.</summary>
    Stored,

    /// <summary>The machine took it while it ran.</summary>
    Hot,

    /// <summary>The machine was restarted for it.</summary>
    Restart,

    /// <summary>It is in the definition, and the machine that runs takes it at its next start.</summary>
    Pending,

    /// <summary>It was not done: the error of this machine says why.</summary>
    Failed,
}
