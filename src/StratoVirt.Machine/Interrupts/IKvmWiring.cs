using StratoVirt.Kvm;

namespace StratoVirt.Machine.Interrupts;

/// <summary>
/// Something between devices and KVM: an interrupt, or doorbells. It belongs to the machine and outlives its KVM
/// instances; each new one is given it to connect to. Closing an instance's descriptor disconnects everything.
/// </summary>
internal interface IKvmWiring
{
    /// <summary>Connects to a KVM machine that has its interrupt controller.</summary>
    /// <exception cref="Linux.LinuxException">KVM refused.</exception>
    void Connect(KvmVm vm);

    /// <summary>Disconnects from it: nothing rings and nothing interrupts any more.</summary>
    /// <exception cref="Linux.LinuxException">KVM refused.</exception>
    void Disconnect(KvmVm vm);
}
