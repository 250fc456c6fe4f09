namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>How a driver has broken a virtqueue. After the first fault the queue gives no more chains; the device then
/// sets DEVICE_NEEDS_RESET (virtio 1.3 §2.1.2).</summary>
public enum VirtqueueFault
{
    /// <summary>The queue works.</summary>
    None,

    /// <summary>The size is zero, above the maximum, or (split) no power of two.</summary>
    BadSize,

    /// <summary>A ring lies outside guest memory, in two pieces of it, or is not aligned as §2.7 and §2.8 ask.</summary>
    BadRing,

    /// <summary>The available index is further ahead than the queue is long.</summary>
    BadAvailableIndex,

    /// <summary>A descriptor number is not below the size of its table.</summary>
    BadDescriptorIndex,

    /// <summary>A chain is longer than the queue, which is how a loop shows (§2.7.5.2, §2.7.5.3.1, §2.8.17).</summary>
    ChainTooLong,

    /// <summary>A buffer is not wholly in guest memory.</summary>
    BadAddress,

    /// <summary>The buffers of one chain add up to 4 GiB or more: a used length cannot say that (§2.7.5.2).</summary>
    ChainTooBig,

    /// <summary>A buffer for the device to read follows one for it to write (§2.7.4.2, §2.8.17).</summary>
    ReadableBehindWritable,

    /// <summary>An indirect table that was not negotiated, lies in an indirect table, is followed by another
    /// descriptor, or is empty or no whole number of descriptors long (§2.7.5.3.1, §2.8.19).</summary>
    BadIndirectTable,

    /// <summary>A buffer was made available again before it was returned.</summary>
    BufferInUse,

    /// <summary>Packed: a list goes on in a descriptor that was not made available (§2.8.15).</summary>
    NotAvailable,
}
