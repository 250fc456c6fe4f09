using StratoVirt.Devices.Bus;

namespace StratoVirt.Devices.Tests.Bus;

/// <summary>Answers each read with its fill byte and the offset, and remembers the last write.</summary>
internal sealed class EchoDevice(byte fill = 0) : IBusDevice
{
    internal ulong LastOffset { get; private set; }

    internal byte[] LastWrite { get; } = new byte[8];

    public void Read(ulong offset, Span<byte> data)
    {
        // Devices are promised zeroed data.
        if (data.ContainsAnyExcept((byte)0))
        {
            data.Fill(0xEE);
            return;
        }

        LastOffset = offset;
        data.Fill(fill);
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        LastOffset = offset;
        data.CopyTo(LastWrite);
    }
}
