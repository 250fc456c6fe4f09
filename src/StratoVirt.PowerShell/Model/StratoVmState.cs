namespace StratoVirt.PowerShell;

/// <summary>What a machine is doing. <see cref="StratoVm.Status"/> has the same in QMP's words.</summary>
public enum StratoVmState
{
    /// <summary>It is only a definition: never started, or ended.</summary>
    Stopped,

    /// <summary>It is built; its vCPUs have not run yet.</summary>
    Prelaunch,

    /// <summary>Its vCPUs run.</summary>
    Running,

    /// <summary>Its vCPUs are held by request.</summary>
    Paused,

    /// <summary>A vCPU met a fault; <see cref="StratoVm.Fault"/> says which. The vCPUs are held until it is turned off.</summary>
    InternalError,
}
