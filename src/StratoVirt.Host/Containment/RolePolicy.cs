using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Seccomp;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Host.Containment;

/// <summary>The filter of a role, made from <see cref="CallGrants"/>.</summary>
internal static class RolePolicy
{
    /// <summary>The policy of a role. What is not granted ends the process, and is written down where that can be done.</summary>
    public static SeccompPolicy Of(ThreadRole role, IEnumerable<CallGrant> grants)
    {
        var rules = new List<SeccompRule>();
        foreach (CallGrant grant in grants)
        {
            // A call that this architecture has not got is made by nobody.
            if (Holds(role, grant) && SystemCall.TryFind(grant.Call, out SystemCall call))
            {
                rules.Add(new SeccompRule(call, grant.Verdict, grant.Tests));
            }
        }

        return new(rules, ViolationTrap.IsSupported ? SeccompVerdict.Trap((ushort)role) : SeccompVerdict.KillProcess);
    }

    /// <summary>Whether a grant is a role's. Control threads hold whatever any thread may do: those they make inherit
    /// their filter, and of two filters the stricter decides.</summary>
    public static bool Holds(ThreadRole role, CallGrant grant) =>
        grant.Roles.HasFlag(FlagOf(role)) || (role == ThreadRole.Control && grant.IsMade);

    /// <summary>The role in a set.</summary>
    public static ThreadRoles FlagOf(ThreadRole role) => (ThreadRoles)(1 << (int)role);
}
