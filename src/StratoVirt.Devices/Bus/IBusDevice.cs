namespace StratoVirt.Devices.Bus;

/// <summary>
/// Something that answers accesses on a bus. It is told offsets, never addresses: a device does not know where it
/// sits. Called from any vCPU thread, concurrently; it allocates nothing and throws nothing.
/// </summary>
public interface IBusDevice
{
    /// <summary>The guest reads.</summary>
    /// <param name="offset">Bytes from the start of the device's range.</param>
    /// <param name="data">1, 2, 4 or 8 bytes to fill, little-endian. Set to zero before the call.</param>
    void Read(ulong offset, Span<byte> data);

    /// <summary>The guest writes.</summary>
    /// <param name="offset">Bytes from the start of the device's range.</param>
    /// <param name="data">1, 2, 4 or 8 bytes, little-endian.</param>
    void Write(ulong offset, ReadOnlySpan<byte> data);
}
