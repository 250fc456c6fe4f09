namespace StratoVirt.Machine.Runtime;

/// <summary>Who runs a machine: what the <c>owner</c> file in its runtime directory says.</summary>
public sealed record RuntimeOwner
{
    /// <summary>Name of the machine, as its definition spells it.</summary>
    public required string Name { get; init; }

    /// <summary>The process that runs it; 0 when the lock is held but its holder could not be told.</summary>
    public required int ProcessId { get; init; }

    /// <summary>When that process started, in clock ticks since the host booted (field 22 of <c>/proc/PID/stat</c>):
    /// with the id it names one process for good, although ids are reused. 0 when unknown.</summary>
    public required ulong ProcessStartTicks { get; init; }

    /// <summary>When the machine was taken (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>What kind of process that is.</summary>
    public OwnerKind Kind { get; init; }

    /// <summary>Root of the store its definition came from, or null when it came from none.</summary>
    public string? Home { get; init; }
}
