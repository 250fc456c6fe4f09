namespace StratoVirt.Shell.Running;

/// <summary>How a command ended.</summary>
internal enum CommandOutcome
{
    /// <summary>It ran to its end; <c>$?</c> says the rest.</summary>
    Completed,

    /// <summary>A terminating error ended it, which has been reported.</summary>
    Failed,

    /// <summary>It was stopped from outside.</summary>
    Stopped,
}
