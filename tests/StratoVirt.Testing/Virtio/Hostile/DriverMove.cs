namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>What a driver, or the host around its device, does in one step.</summary>
public enum DriverMove
{
    /// <summary>Resets the device and sets it up as the specification says, with features and queue sizes of any choice.</summary>
    Start,

    /// <summary>Adds a request as a good driver does, and mostly shows and notifies of it.</summary>
    Add,

    /// <summary>Shows what was added to a queue, and notifies.</summary>
    Kick,

    /// <summary>Notifies of every queue, present or not, again and again.</summary>
    Storm,

    /// <summary>Adds a chain that is right in form and holds nonsense.</summary>
    AddGarbage,

    /// <summary>Adds a chain that no driver may make: outside memory, wrapping, in the wrong order, too long, too big.</summary>
    AddMalformed,

    /// <summary>Writes anything over a queue's rings, tables or descriptors.</summary>
    Scribble,

    /// <summary>The device's thread answers what is ready, once.</summary>
    Turn,

    /// <summary>Takes back what the device has used.</summary>
    Collect,

    /// <summary>The host's side does something: completes, fails, sends, goes away.</summary>
    HostActs,

    /// <summary>The host's side does all it owes, and the device's thread runs until nothing is ready.</summary>
    Settle,

    /// <summary>Writes configuration space, inside and outside.</summary>
    WriteConfiguration,

    /// <summary>Reads a register or configuration space at any place and width.</summary>
    ReadAnywhere,

    /// <summary>Writes a register of the transport: any place, width and value.</summary>
    WriteRegister,

    /// <summary>Sets the device up in a way no driver may: features not offered, steps left out, rings outside memory.</summary>
    BadStart,

    /// <summary>Writes 0 to the status.</summary>
    Reset,

    /// <summary>Resets one queue with requests under way and sets it up anew.</summary>
    ResetQueue,

    /// <summary>The machine pauses.</summary>
    Pause,

    /// <summary>The machine goes on.</summary>
    Resume,

    /// <summary>The machine resets.</summary>
    MachineReset,

    /// <summary>Reads and acknowledges why it was interrupted.</summary>
    TakeInterrupt,

    /// <summary>Asks for interrupts, or for none.</summary>
    ToggleInterrupts,

    /// <summary>The device is taken out with requests under way, and another put in.</summary>
    Replug,
}
