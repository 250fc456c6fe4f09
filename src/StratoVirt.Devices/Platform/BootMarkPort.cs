using System.Diagnostics;
using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Platform;

/// <summary>A port that stamps the time of every byte written to it: how long a boot takes, as seen by the guest's
/// own milestones.</summary>
public sealed class BootMarkPort : IBusDevice
{
    /// <summary>Bytes of address space.</summary>
    public const ulong Length = 1;

    /// <summary>What the port reads as, so that a guest can tell it from an empty bus: ASCII 'S'.</summary>
    public const byte Signature = (byte)'S';

    private readonly IMachineControl _machine;

    /// <summary>Wires the port.</summary>
    /// <param name="machine">Who keeps the marks.</param>
    public BootMarkPort(IMachineControl machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _machine = machine;
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data) => data[0] = Signature;

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        long timestamp = Stopwatch.GetTimestamp();
        _machine.BootMark(data[0], timestamp);
    }
}
