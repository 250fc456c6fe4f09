namespace StratoVirt.Machine.Lifecycle;

/// <summary>One consistent picture of a machine's state.</summary>
/// <param name="State">The state.</param>
/// <param name="Since">When it was entered (UTC).</param>
/// <param name="StartedAt">When its vCPUs first ran (UTC), or null.</param>
/// <param name="Cause">Why it ended; <see cref="ShutdownCause.None"/> while it has not.</param>
/// <param name="Fault">The fault behind <see cref="RunState.InternalError"/>, or null.</param>
/// <param name="Error">What the engine could not do, behind <see cref="ShutdownCause.HostError"/>, or null.</param>
/// <param name="Resets">How often the guest was reset since it started.</param>
/// <param name="LastReset">Who reset it last.</param>
public sealed record MachineStatus(
    RunState State,
    DateTimeOffset Since,
    DateTimeOffset? StartedAt = null,
    ShutdownCause Cause = ShutdownCause.None,
    VcpuFault? Fault = null,
    Exception? Error = null,
    int Resets = 0,
    ResetCause LastReset = ResetCause.None);
