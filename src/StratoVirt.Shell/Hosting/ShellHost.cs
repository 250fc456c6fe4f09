using System.Globalization;
using System.Management.Automation.Host;

namespace StratoVirt.Shell.Hosting;

/// <summary>The host the engine talks to.</summary>
internal sealed class ShellHost(ShellUserInterface ui) : PSHost
{
    /// <summary>Runs a prompt inside the running command; set by the session.</summary>
    public Action? NestedPrompt { get; set; }

    /// <summary>The code of the first <c>exit</c> or ending signal, null before one.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>How many nested prompts were asked to end and have not yet.</summary>
    public int PendingNestedExits { get; set; }

    public override string Name => "StratoVirt.Shell";

    public override Version Version => ShellVersion.Host;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => ui;

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => ExitCode ??= exitCode;

    public override void EnterNestedPrompt()
    {
        if (NestedPrompt is null)
            throw new HostException("This session has no terminal to hold a nested prompt on.");
        NestedPrompt();
    }

    public override void ExitNestedPrompt() => PendingNestedExits++;

    public override void NotifyBeginApplication() => ui.Progress.Reset();

    public override void NotifyEndApplication() => ui.Output.LineEnded();
}
