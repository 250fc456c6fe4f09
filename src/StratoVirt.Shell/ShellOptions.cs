using System.Management.Automation.Runspaces;

namespace StratoVirt.Shell;

/// <summary>What the command line asked the shell to run.</summary>
internal enum ShellMode
{
    /// <summary>The prompt; the commands on standard input where that is no terminal.</summary>
    Prompt,

    /// <summary>The text after <c>-Command</c>.</summary>
    Command,

    /// <summary>A script file and its arguments.</summary>
    File,

    /// <summary>The commands on standard input, even at a terminal.</summary>
    StandardInput,
    Version,
    Help,
}

/// <summary>The command line, understood.</summary>
internal sealed record ShellOptions
{
    public ShellMode Mode { get; init; } = ShellMode.Prompt;

    /// <summary>The command text or the script's path; empty in the other modes.</summary>
    public string Text { get; init; } = "";

    /// <summary>What the script receives; names keep their dash, as the engine's binder expects.</summary>
    public IReadOnlyList<CommandParameter> Arguments { get; init; } = [];

    /// <summary>Whether the prompt follows the command or the script.</summary>
    public bool NoExit { get; init; }

    /// <summary>Whether a question to the user is an error.</summary>
    public bool NonInteractive { get; init; }

    public bool NoLogo { get; init; }
    public string? WorkingDirectory { get; init; }
}
