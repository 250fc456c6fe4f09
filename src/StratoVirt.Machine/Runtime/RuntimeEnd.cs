using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.Machine.Runtime;

/// <summary>How the last run of a machine ended: what the <c>end</c> file in its runtime directory says, until it is
/// started again or removed.</summary>
public sealed record RuntimeEnd
{
    /// <summary>Who ran it.</summary>
    public required RuntimeOwner Owner { get; init; }

    /// <summary>Why it ended.</summary>
    public required ShutdownCause Cause { get; init; }

    /// <summary>When it ended (UTC), or when its end was noticed.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>When its vCPUs first ran (UTC), or null when they never did or nobody can say.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>What went wrong, of guest or host; null when nothing did.</summary>
    public string? Problem { get; init; }

    /// <summary>The record of a status that is final.</summary>
    internal static RuntimeEnd Of(RuntimeOwner owner, MachineStatus last) => new()
    {
        Owner = owner,
        Cause = last.Cause,
        EndedAt = last.Since,
        StartedAt = last.StartedAt,
        Problem = last.Error?.Message ?? last.Fault?.Reason,
    };

    /// <summary>The record for a process that died without writing one.</summary>
    /// <param name="owner">Which it was.</param>
    /// <param name="violation">Why its containment ended it, or null when it did not.</param>
    internal static RuntimeEnd OfDead(RuntimeOwner owner, string? violation) => new()
    {
        Owner = owner,
        Cause = ShutdownCause.HostError,
        EndedAt = DateTimeOffset.UtcNow,
        Problem = violation is null
            ? $"Process {owner.ProcessId}, which ran it, died."
            : $"Process {owner.ProcessId}, which ran it, died: {violation}.",
    };
}
