namespace StratoVirt.Machine.Lifecycle;

/// <summary>The states of a machine, in QMP's words (<c>query-status</c>).</summary>
public enum RunState
{
    /// <summary><c>prelaunch</c>: built, its vCPUs have not run yet.</summary>
    Prelaunch,
    /// <summary><c>running</c>: its vCPUs run.</summary>
    Running,
    /// <summary><c>paused</c>: its vCPUs are held by request.</summary>
    Paused,
    /// <summary><c>shutdown</c>: it has ended and given everything back. Final.</summary>
    Shutdown,
    /// <summary><c>internal-error</c>: a vCPU met a fault; its vCPUs are held and the fault can be read.</summary>
    InternalError,
}
