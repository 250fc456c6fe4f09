using System.Management.Automation.Runspaces;
using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Running;

/// <summary>What a new session holds before the first command.</summary>
internal static class SessionState
{
    // They live in Microsoft.PowerShell.Management, which this host has not; a prompt is no use without them.
    private const string SetLocation = """
        param([Parameter(Position = 0)][string]$Path = '~')
        $null = $ExecutionContext.SessionState.Path.SetLocation($Path)
        """;

    private const string GetLocation = "$ExecutionContext.SessionState.Path.CurrentLocation";

    public static Runspace Open(ShellHost host, bool withPrompt)
    {
        var state = InitialSessionState.CreateDefault2();
        if (withPrompt)
        {
            state.Commands.Add(new SessionStateFunctionEntry("Set-Location", SetLocation));
            state.Commands.Add(new SessionStateFunctionEntry("Get-Location", GetLocation));
        }
        var runspace = RunspaceFactory.CreateRunspace(host, state);
        // One thread for all commands: what a command leaves in thread-local state is there for the next.
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        return runspace;
    }
}
