namespace StratoVirt.Devices.Platform;

/// <summary>
/// What a platform device may ask of the machine it sits in. Calls come from vCPU threads and return at once: the
/// machine's state driver does the work later. Allocates nothing.
/// </summary>
public interface IMachineControl
{
    /// <summary>The guest has powered itself off (ACPI S5).</summary>
    void GuestShutdown();

    /// <summary>The guest asks for a reset (i8042 pulse, ACPI reset register).</summary>
    void GuestReset();

    /// <summary>The guest wrote a boot mark.</summary>
    /// <param name="code">The byte it wrote.</param>
    /// <param name="timestamp">When, in <see cref="System.Diagnostics.Stopwatch"/> ticks.</param>
    void BootMark(byte code, long timestamp);
}
