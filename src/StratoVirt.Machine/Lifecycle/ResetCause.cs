namespace StratoVirt.Machine.Lifecycle;

/// <summary>Who reset a machine last, after QMP's <c>ShutdownCause</c>.</summary>
public enum ResetCause
{
    /// <summary>Nobody yet.</summary>
    None,
    /// <summary><c>guest-reset</c>: the guest itself.</summary>
    Guest,
    /// <summary><c>host-qmp-system-reset</c>: it was asked for from outside.</summary>
    HostRequest,
}
