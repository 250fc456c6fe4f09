namespace StratoVirt.Definitions.Devices;

/// <summary>A device in the user's words. What they all have is a name, by which cmdlets and the control socket know it.</summary>
public abstract record DeviceSpec
{
    /// <summary>Unique within the machine: a letter, then letters, digits, '-' and '_', 32 characters at most.</summary>
    public abstract string Name { get; init; }
}
