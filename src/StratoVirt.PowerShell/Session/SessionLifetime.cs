using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace StratoVirt.PowerShell.Session;

/// <summary>
/// Notices when the last runspace that imported the module drops it or closes, and when the process exits or is told to
/// end: machines that run in this process end then, with a warning where there is a host to warn on.
/// </summary>
internal static class SessionLifetime
{
    /// <summary>How long guests may take to shut down when the session ends.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private const string Ending = "Leaving this session";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<Guid, PSHost?> Sessions = [];
    private static TerminationSignals? _signals;

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

            if (_signals is null)
            {
                _signals = new TerminationSignals(OnTermination);
                AppDomain.CurrentDomain.ProcessExit += (_, _) => RunningMachines.Current.StopAll(Grace, Ending, _ => { });
            }
        }

        Guid id = runspace.InstanceId;
        runspace.Events.SubscribeEvent(
            null, null, PSEngineEvent.Exiting, null, (_, _) => Leave(id, Ending), supportEvent: true, forwardEvent: false);
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
            {
                Leave(id, Ending);
            }
        };
    }

    /// <summary>The module was removed from the current runspace.</summary>
    public static void Leave()
    {
        if (Runspace.DefaultRunspace is { } runspace)
        {
            Leave(runspace.InstanceId, "Removing the module");
        }
    }

    private static void Leave(Guid runspace, string occasion)
    {
        PSHost? host;
        lock (Gate)
        {
            if (!Sessions.Remove(runspace, out host) || Sessions.Count != 0)
            {
                return;
            }
        }

        RunningMachines.Current.StopAll(Grace, occasion, text => host?.UI?.WriteWarningLine(text));
    }

    private static void OnTermination(PosixSignal signal)
    {
        PSHost? host;
        lock (Gate)
        {
            // A hang-up leaves no terminal to warn on.
            host = signal == PosixSignal.SIGHUP ? null : Sessions.Values.FirstOrDefault();
        }

        RunningMachines.Current.StopAll(Grace, Ending, text => host?.UI?.WriteWarningLine(text));
    }

    private static PSHost? HostOfCurrentRunspace()
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddScript("$Host").Invoke().FirstOrDefault()?.BaseObject as PSHost;
    }
}
