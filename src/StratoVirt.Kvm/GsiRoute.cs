using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm;

/// <summary>Where an interrupt of the VM (GSI) goes. A GSI may have several routes.</summary>
public readonly struct GsiRoute
{
    private readonly kvm_irq_routing_entry _entry;

    private GsiRoute(kvm_irq_routing_entry entry) => _entry = entry;

    /// <summary>The interrupt's number.</summary>
    public uint Gsi => _entry.gsi;

    internal kvm_irq_routing_entry Entry => _entry;

    /// <summary>To a pin of an in-kernel interrupt controller.</summary>
    /// <param name="gsi">The interrupt.</param>
    /// <param name="chip">The controller: on x86_64 a value of <see cref="X64.IrqChip"/>.</param>
    /// <param name="pin">The input.</param>
    public static GsiRoute ToPin(uint gsi, uint chip, uint pin) => new(new kvm_irq_routing_entry
    {
        gsi = gsi,
        type = KvmConstants.KVM_IRQ_ROUTING_IRQCHIP,
        irqchip = new kvm_irq_routing_irqchip { irqchip = chip, pin = pin },
    });

    /// <summary>To a local APIC (or ITS), as a message.</summary>
    /// <param name="gsi">The interrupt.</param>
    /// <param name="address">Guest physical address of the message, as the guest programmed it.</param>
    /// <param name="data">The message.</param>
    /// <param name="deviceId">Sender, where the interrupt controller wants to know it (aarch64's ITS).</param>
    public static GsiRoute ToMessage(uint gsi, ulong address, uint data, uint? deviceId = null) => new(new kvm_irq_routing_entry
    {
        gsi = gsi,
        type = KvmConstants.KVM_IRQ_ROUTING_MSI,
        flags = deviceId is null ? 0 : KvmConstants.KVM_MSI_VALID_DEVID,
        msi = new kvm_irq_routing_msi
        {
            address_lo = (uint)address,
            address_hi = (uint)(address >> 32),
            data = data,
            devid = deviceId ?? 0,
        },
    });
}
