using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace StratoVirt.PowerShell.Session;

/// <summary>
/// Notices when the last runspace that imported the module drops it or closes, and when the process exits: machines
/// that run in this process end then, with a warning where there is a host to warn on.
/// </summary>
internal static class SessionLifetime
{
    /// <summary>How long guests may take to shut down when the session ends.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly Lock Gate = new();
    private static readonly Dictionary<Guid, PSHost?> Sessions = [];
    private static bool _watchingProcess;

    /// <summary>The module was imported into the current runspace.</summary>
    public static void Enter()
    {
        if (Runspace.DefaultRunspace is not { } runspace)
        {
            return;
        }

        lock (Gate)
        {
            if (!Sessions.TryAdd(runspace.InstanceId, HostOfCurrentRunspace()))
            {
                return;
            }

            if (!_watchingProcess)
            {
                _watchingProcess = true;
                AppDomain.CurrentDomain.ProcessExit += (_, _) => RunningMachines.Current.StopAll(Grace, _ => { });
            }
        }

        Guid id = runspace.InstanceId;
        runspace.Events.SubscribeEvent(
            null, null, PSEngineEvent.Exiting, null, (_, _) => Leave(id), supportEvent: true, forwardEvent: false);
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
            {
                Leave(id);
            }
        };
    }

    /// <summary>The module was removed from the current runspace.</summary>
    public static void Leave()
    {
        if (Runspace.DefaultRunspace is { } runspace)
        {
            Leave(runspace.InstanceId);
        }
    }

    private static void Leave(Guid runspace)
    {
        PSHost? host;
        lock (Gate)
        {
            if (!Sessions.Remove(runspace, out host) || Sessions.Count != 0)
            {
                return;
            }
        }

        RunningMachines.Current.StopAll(Grace, text => host?.UI?.WriteWarningLine(text));
    }

    private static PSHost? HostOfCurrentRunspace()
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddScript("$Host").Invoke().FirstOrDefault()?.BaseObject as PSHost;
    }
}
