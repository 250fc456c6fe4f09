using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.PowerShell.Session;

/// <summary>The engine's states in the user's words, and back.</summary>
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

    /// <summary>Converts one back.</summary>
    public static RunState From(StratoVmState state) => state switch
    {
        StratoVmState.Prelaunch => RunState.Prelaunch,
        StratoVmState.Running => RunState.Running,
        StratoVmState.Paused => RunState.Paused,
        StratoVmState.InternalError => RunState.InternalError,
        _ => RunState.Shutdown,
    };
}
