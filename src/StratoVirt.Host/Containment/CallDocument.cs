using System.Globalization;
using System.Text;
using StratoVirt.Linux.Containment;
using StratoVirt.Linux.Containment.Seccomp;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Host.Containment;

/// <summary><c>docs/syscalls.md</c>, written from <see cref="CallGrants"/>.</summary>
internal static class CallDocument
{
    private static readonly (ThreadRole Role, string Title)[] Columns =
    [
        (ThreadRole.Vcpu, "vCPU"), (ThreadRole.Io, "I/O"), (ThreadRole.Worker, "worker"), (ThreadRole.Log, "log"),
        (ThreadRole.Runtime, "runtime"), (ThreadRole.Control, "control"),
    ];

    /// <summary>The whole document.</summary>
    public static string Write()
    {
        IReadOnlyList<CallGrant> grants = CallGrants.All(processId: 1);
        var text = new StringBuilder();
        text.Append("# System calls of a detached machine\n\n")
            .Append("Written from `src/StratoVirt.Host/Containment/CallGrants.cs`; a test keeps the two in step.\n\n")
            .Append("These are the calls that the threads of `stratovirt` may make from the moment its guest runs. ")
            .Append("A thread comes to life with its filter. Any other call, and any of these with other arguments, is not made: it ends ")
            .Append("the process, and `Get-StratoVm` shows which call of which thread it was. ")
            .Append("Control threads hold all calls, because the threads they make inherit their filter.\n\n");
        AppendCounts(text, grants);
        AppendMade(text, grants);
        AppendAnswered(text, grants);
        return text.ToString();
    }

    /// <summary>How many calls a role may make.</summary>
    public static int Count(ThreadRole role, IEnumerable<CallGrant> grants) =>
        grants.Where(grant => grant.IsMade && RolePolicy.Holds(role, grant)).Select(grant => grant.Call).Distinct().Count();

    private static void AppendCounts(StringBuilder text, IReadOnlyList<CallGrant> grants)
    {
        text.Append("| Threads | Calls |\n|---|---|\n");
        foreach ((ThreadRole role, string title) in Columns)
        {
            string name = role == ThreadRole.Control ? "control: the whole process" : title;
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {Count(role, grants)} |\n");
        }
    }

    private static void AppendMade(StringBuilder text, IReadOnlyList<CallGrant> grants)
    {
        text.Append("\n## Made\n\n| Call | ")
            .AppendJoin(" | ", Columns.SkipLast(1).Select(column => column.Title))
            .Append(" | Arguments | For |\n|---|").Insert(text.Length, "---|", Columns.Length + 1).Append('\n');
        foreach (CallGrant grant in grants.Where(grant => grant.IsMade))
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{grant.Call}` |");
            foreach ((ThreadRole role, _) in Columns.SkipLast(1))
            {
                text.Append(grant.Roles.HasFlag(RolePolicy.FlagOf(role)) ? " x |" : "  |");
            }

            text.Append(CultureInfo.InvariantCulture, $" {grant.Condition ?? "any"} | {grant.Purpose} |\n");
        }
    }

    private static string AnswerOf(CallGrant grant) =>
        grant.Verdict == SeccompVerdict.Trap(ViolationTrap.AnsweredMark) ? "waits as long" : $"{grant.Verdict}";

    private static void AppendAnswered(StringBuilder text, IReadOnlyList<CallGrant> grants)
    {
        text.Append("\n## Answered without being made\n\n| Call | Answer | Why |\n|---|---|---|\n");
        foreach (CallGrant grant in grants.Where(grant => !grant.IsMade))
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{grant.Call}` | {AnswerOf(grant)} | {grant.Purpose} |\n");
        }
    }
}
