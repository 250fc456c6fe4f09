using StratoVirt.Devices.Bus;
using StratoVirt.Devices.Platform;

namespace StratoVirt.Devices.Legacy;

/// <summary>
/// The command port (0x64) of a keyboard controller that has no keyboard and does one thing: pulse the CPU's reset
/// line. The data port (0x60) stays unmapped.
/// </summary>
public sealed class I8042 : IBusDevice
{
    /// <summary>Bytes of address space.</summary>
    public const ulong Length = 1;

    /// <summary>
    /// Output buffer full, input buffer empty, for ever. A driver that probes drains a full output buffer first,
    /// gives up after a few bytes and finds no controller, instead of waiting half a second for a self test. A kernel
    /// that reboots waits for the input buffer to be empty, and finds that at once.
    /// </summary>
    private const byte Status = 0x01;

    // Commands F0-FF pulse the output port's low four bits; a zero selects the line. Bit 0 is the CPU's reset.
    private const byte PulseMask = 0xF0 | ResetLine;
    private const byte PulseReset = 0xF0;
    private const byte ResetLine = 0x01;

    private readonly IMachineControl _machine;

    /// <summary>Wires the controller.</summary>
    /// <param name="machine">Who carries the reset out.</param>
    public I8042(IMachineControl machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _machine = machine;
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data) => data[0] = Status;

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if ((data[0] & PulseMask) == PulseReset)
        {
            _machine.GuestReset();
        }
    }
}
