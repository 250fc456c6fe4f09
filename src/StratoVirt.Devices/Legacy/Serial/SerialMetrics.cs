namespace StratoVirt.Devices.Legacy.Serial;

/// <summary>Counters of a serial port, since it was made.</summary>
/// <param name="Transmitted">Bytes the guest printed.</param>
/// <param name="Received">Bytes handed to the chip's receiver.</param>
/// <param name="Overruns">Bytes the guest overran in loopback; the line itself never overruns.</param>
/// <param name="Interrupts">Edges sent.</param>
/// <param name="Queued">Typed bytes that wait for the guest now.</param>
public readonly record struct SerialMetrics(ulong Transmitted, ulong Received, ulong Overruns, ulong Interrupts, int Queued);
