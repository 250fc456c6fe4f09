using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio;

/// <summary>One element of a driver's request.</summary>
/// <param name="Address">Where it is, GPA; anything at all in hostile tests.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsWritable">Whether the device writes it; else it reads it.</param>
public readonly record struct DriverBuffer(GuestAddress Address, uint Length, bool IsWritable)
{
    /// <summary>For the device to read.</summary>
    public static DriverBuffer Readable(GuestAddress address, uint length) => new(address, length, false);

    /// <summary>For the device to write.</summary>
    public static DriverBuffer Writable(GuestAddress address, uint length) => new(address, length, true);
}
