namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>Rules for system calls, and what becomes of all calls that no rule speaks of, of calls whose arguments fit
/// none, and of calls with another architecture's numbers.</summary>
/// <param name="Rules">The rules; order counts among those of one call.</param>
/// <param name="Otherwise">For everything else.</param>
public sealed record SeccompPolicy(IReadOnlyList<SeccompRule> Rules, SeccompVerdict Otherwise)
{
    /// <summary>What becomes of a call, read from the rules.</summary>
    public SeccompVerdict Decide(SystemCallData call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.Architecture == SystemCall.Architecture
            && Rules.FirstOrDefault(rule => rule.Call.Number == call.Number && rule.Tests.All(test => test.Holds(call))) is { } decisive
            ? decisive.Verdict
            : Otherwise;
    }
}
