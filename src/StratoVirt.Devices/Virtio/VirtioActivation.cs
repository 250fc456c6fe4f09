using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio;

/// <summary>What a device gets when its driver sets DRIVER_OK.</summary>
public sealed class VirtioActivation
{
    /// <summary>The features both sides accepted.</summary>
    public required ulong Features { get; init; }

    /// <summary>Guest memory.</summary>
    public required GuestMemory Memory { get; init; }

    /// <summary>The queues by number; null where the driver has not enabled one. The transport sets an element, with the
    /// device at rest, when the driver resets or enables one queue (virtio 1.3 §2.6.1).</summary>
    public required Virtqueue?[] Queues { get; init; }

    /// <summary>The way to the driver.</summary>
    public required IVirtioInterrupts Interrupts { get; init; }

    /// <summary>Whether a feature was negotiated.</summary>
    public bool Has(ulong feature) => (Features & feature) == feature;
}
