namespace StratoVirt.Machine.Lifecycle;

/// <summary>What a machine says to a verb that its state does not allow.</summary>
internal static class VerbRefusal
{
    /// <summary>The error.</summary>
    public static MachineException Of(MachineVerb verb, RunState state) => new(
        MachineErrorId.InvalidState,
        $"The machine is {state.ToQmp()}; {Describe(verb)} does not apply.",
        state switch
        {
            _ when verb == MachineVerb.Change && state == RunState.InternalError => "Reset the machine first.",
            RunState.Prelaunch => "Start the machine first.",
            RunState.Running => "Pause or stop the machine first.",
            RunState.Paused => "Resume the machine first.",
            RunState.InternalError => "Read the fault, then reset the machine or power it off.",
            _ => "Start the machine anew.",
        });

    private static string Describe(MachineVerb verb) => verb switch
    {
        MachineVerb.Start => "starting it",
        MachineVerb.Pause => "pausing it",
        MachineVerb.Resume => "resuming it",
        MachineVerb.Reset => "resetting it",
        MachineVerb.Change => "changing its devices",
        _ => "powering it off",
    };
}
