namespace StratoVirt.Machine.Lifecycle;

/// <summary>What can be asked of a machine's state driver from outside.</summary>
internal enum MachineVerb
{
    Start,
    Pause,
    Resume,
    Reset,
    PowerOff,
    Change,
}
