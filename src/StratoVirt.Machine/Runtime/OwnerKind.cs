namespace StratoVirt.Machine.Runtime;

/// <summary>What kind of process runs a machine.</summary>
public enum OwnerKind
{
    /// <summary>A session that does other things too; its machines end with it.</summary>
    InProcess,
    /// <summary>A host process that holds this one machine and outlives whoever started it.</summary>
    Detached,
}
