using StratoVirt.Devices.Interrupts;
using StratoVirt.Devices.Platform;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>One event of the generic event device as a line that others can pull.</summary>
internal sealed class EventLine(AcpiPower power, byte happened) : IInterruptLine
{
    /// <inheritdoc/>
    public void Trigger() => power.Raise(happened);
}
