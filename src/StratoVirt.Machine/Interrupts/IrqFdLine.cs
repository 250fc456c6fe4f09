using StratoVirt.Devices.Interrupts;
using StratoVirt.Kvm;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Interrupts;

/// <summary>
/// An edge-triggered interrupt input backed by an irqfd: one write to an eventfd, and KVM pulses the GSI with no exit
/// and no lock of ours. The eventfd outlives a reset; the KVM machine behind it is replaced.
/// </summary>
internal sealed class IrqFdLine(uint gsi) : IInterruptLine, IDisposable
{
    private readonly EventFd _event = EventFd.Create();

    /// <summary>The GSI it drives.</summary>
    public uint Gsi { get; } = gsi;

    /// <inheritdoc/>
    public void Trigger() => _event.Signal();

    /// <summary>Connects the line to a KVM machine that has an interrupt controller. Closing that machine's
    /// descriptor disconnects it.</summary>
    public void Connect(KvmVm vm) => vm.AssignIrqFd(_event, Gsi);

    /// <summary>Forgets edges nobody has taken.</summary>
    public void Clear() => _event.Drain();

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}
