using StratoVirt.Devices.Pci.Msix;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Interrupts;

/// <summary>One message-signalled interrupt of a <see cref="MsiRouter"/>.</summary>
internal sealed class MsiRoute(MsiRouter router, uint gsi) : IMsiRoute
{
    /// <summary>Its GSI.</summary>
    public uint Gsi { get; } = gsi;

    /// <summary>Signalled to send it.</summary>
    public EventFd Event { get; } = EventFd.Create();

    /// <summary>What is sent; null until the guest has said so.</summary>
    public MsiMessage? Message { get; set; }

    /// <inheritdoc/>
    public void Trigger() => Event.Signal();

    /// <inheritdoc/>
    public void Update(ulong address, uint data, bool masked) =>
        router.Update(this, masked ? null : new MsiMessage(address, data));

    /// <inheritdoc/>
    public void Dispose() => router.Release(this);
}

/// <summary>A message as the guest has programmed it.</summary>
/// <param name="Address">Where it is written to.</param>
/// <param name="Data">What is written.</param>
internal readonly record struct MsiMessage(ulong Address, uint Data);
