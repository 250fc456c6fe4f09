namespace StratoVirt.Machine.Lifecycle;

/// <summary>What can be asked of a machine's state driver from outside.</summary>
public enum MachineVerb
{
    /// <summary>Let the vCPUs run for the first time.</summary>
    Start,
    /// <summary>Hold all vCPUs.</summary>
    Pause,
    /// <summary>Let held vCPUs run again.</summary>
    Resume,
    /// <summary>Press the reset button.</summary>
    Reset,
    /// <summary>End the machine.</summary>
    PowerOff,
    /// <summary>Change its devices.</summary>
    Change,
}
