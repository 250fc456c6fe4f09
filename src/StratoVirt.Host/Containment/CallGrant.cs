using StratoVirt.Linux.Containment.Seccomp;

namespace StratoVirt.Host.Containment;

/// <summary>A system call that some threads may make.</summary>
/// <param name="Call">Its name.</param>
/// <param name="Roles">Who may make it.</param>
/// <param name="Purpose">What for.</param>
internal sealed record CallGrant(string Call, ThreadRoles Roles, string Purpose)
{
    /// <summary>What its arguments must be, in words; null where they may be anything.</summary>
    public string? Condition { get; init; }

    /// <summary>The same, as tests; all must hold.</summary>
    public IReadOnlyList<ArgumentTest> Tests { get; init; } = [];

    /// <summary>What becomes of it: made, unless it is one that is answered without being made.</summary>
    public SeccompVerdict Verdict { get; init; } = SeccompVerdict.Allow;

    /// <summary>Whether it is made at all.</summary>
    public bool IsMade => Verdict == SeccompVerdict.Allow;
}
