namespace StratoVirt.PowerShell;

/// <summary>What kind of process runs a machine.</summary>
public enum StratoVmHome
{
    /// <summary>A PowerShell session; the machine ends with it.</summary>
    InProcess,

    /// <summary>A process of its own, which outlives the session that started it.</summary>
    Detached,
}
