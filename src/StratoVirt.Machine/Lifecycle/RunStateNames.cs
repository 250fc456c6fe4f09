namespace StratoVirt.Machine.Lifecycle;

/// <summary>The QMP spelling of states and causes.</summary>
public static class RunStateNames
{
    /// <summary>The state as <c>query-status</c> spells it.</summary>
    public static string ToQmp(this RunState state) => state switch
    {
        RunState.Prelaunch => "prelaunch",
        RunState.Running => "running",
        RunState.Paused => "paused",
        RunState.Shutdown => "shutdown",
        _ => "internal-error",
    };

    /// <summary>The cause as QMP's <c>ShutdownCause</c> spells it.</summary>
    public static string ToQmp(this ShutdownCause cause) => cause switch
    {
        ShutdownCause.GuestShutdown => "guest-shutdown",
        ShutdownCause.HostRequest => "host-qmp-quit",
        ShutdownCause.HostError => "host-error",
        _ => "none",
    };

    /// <summary>The cause that QMP spells so; none for a word that is not known.</summary>
    public static ShutdownCause ParseCause(string? word) => word switch
    {
        "guest-shutdown" => ShutdownCause.GuestShutdown,
        "host-qmp-quit" => ShutdownCause.HostRequest,
        "host-error" => ShutdownCause.HostError,
        _ => ShutdownCause.None,
    };

    /// <summary>The cause of a reset as QMP's <c>ShutdownCause</c> spells it.</summary>
    public static string ToQmp(this ResetCause cause) => cause switch
    {
        ResetCause.Guest => "guest-reset",
        ResetCause.HostRequest => "host-qmp-system-reset",
        _ => "none",
    };
}
