using StratoVirt.Devices.Interrupts;
using StratoVirt.Kvm;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Interrupts;

/// <summary>
/// An edge-triggered interrupt input backed by an irqfd: one write to an eventfd, and KVM pulses the GSI with no exit
/// and no lock of ours. The eventfd outlives a reset; the KVM machine behind it is replaced.
/// </summary>
internal sealed class IrqFdLine(uint gsi) : IInterruptLine, IKvmWiring, IDisposable
{
    private readonly EventFd _event = EventFd.Create();

    /// <summary>The GSI it drives.</summary>
    public uint Gsi { get; } = gsi;

    /// <inheritdoc/>
    public void Trigger() => _event.Signal();

    /// <inheritdoc/>
    public void Connect(KvmVm vm) => vm.AssignIrqFd(_event, Gsi);

    /// <inheritdoc/>
    public void Disconnect(KvmVm vm) => vm.DeassignIrqFd(_event, Gsi);

    /// <summary>Forgets edges nobody has taken.</summary>
    public void Clear() => _event.Drain();

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}
