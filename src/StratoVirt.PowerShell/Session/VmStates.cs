using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.PowerShell.Session;

/// <summary>The engine's states in the user's words.</summary>
internal static class VmStates
{
    /// <summary>Converts one.</summary>
    public static StratoVmState From(RunState state) => state switch
    {
        RunState.Prelaunch => StratoVmState.Prelaunch,
        RunState.Running => StratoVmState.Running,
        RunState.Paused => StratoVmState.Paused,
        RunState.InternalError => StratoVmState.InternalError,
        _ => StratoVmState.Stopped,
    };
}
