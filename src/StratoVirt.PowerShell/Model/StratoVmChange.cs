namespace StratoVirt.PowerShell;

/// <summary>One difference between a machine and what its document says.</summary>
public sealed class StratoVmChange
{
    internal StratoVmChange(string path, string? before, string? after, StratoChangeApplied applied)
    {
        Path = path;
        Before = before;
        After = after;
        Applied = applied;
    }

    /// <summary>Where: <c>spec.cpus</c>, <c>spec.disks[root].rateLimit</c>; <c>state</c> for what the machine does.</summary>
    public string Path { get; }

    /// <summary>What was there: text, or compact JSON; null when nothing was.</summary>
    public string? Before { get; }

    /// <summary>What is there now; null when nothing is.</summary>
    public string? After { get; }

    /// <summary>How it reached the machine.</summary>
    public StratoChangeApplied Applied { get; internal set; }

    /// <summary>The change in a line: <c>spec.cpus: 1 -> 2 (restart)</c>.</summary>
    public override string ToString() =>
        $"{Path}: {Before ?? "none"} -> {After ?? "none"} ({Applied.ToString().ToLowerInvariant()})";
}
