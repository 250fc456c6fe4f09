namespace StratoVirt.Machine.Lifecycle;

/// <summary>Why a machine ended, after QMP's <c>ShutdownCause</c>.</summary>
public enum ShutdownCause
{
    /// <summary>It has not ended.</summary>
    None,
    /// <summary><c>guest-shutdown</c>: the guest powered itself off.</summary>
    GuestShutdown,
    /// <summary><c>host-qmp-quit</c>: it was turned off from outside.</summary>
    HostRequest,
    /// <summary><c>host-error</c>: the engine could not go on.</summary>
    HostError,
}
