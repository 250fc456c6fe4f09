using StratoVirt.Kvm.Abi;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using static StratoVirt.Kvm.Abi.KvmConstants;
using static StratoVirt.Kvm.Abi.KvmIoctl;

namespace StratoVirt.Kvm;

/// <content>Interrupts in, notifications out.</content>
public sealed partial class KvmVm
{
    /// <summary>Creates the architecture's interrupt controllers in the kernel. Before any vCPU.</summary>
    /// <exception cref="LinuxException">There are some already, or vCPUs.</exception>
    public void CreateIrqChip() => Ioctl.Invoke(_fd, KVM_CREATE_IRQCHIP);

    /// <summary>Sets the level of an interrupt line.</summary>
    /// <param name="gsi">The line.</param>
    /// <param name="asserted">Its level.</param>
    public void SetIrqLine(uint gsi, bool asserted)
    {
        var line = new kvm_irq_level { irq = gsi, level = asserted ? 1u : 0u };
        Ioctl.Invoke(_fd, KVM_IRQ_LINE, ref line);
    }

    /// <summary>Sends a message-signalled interrupt.</summary>
    /// <param name="address">Guest physical address of the message.</param>
    /// <param name="data">The message.</param>
    /// <param name="deviceId">Sender, where the interrupt controller wants to know it.</param>
    /// <returns>Whether it was delivered; false when the guest has it blocked.</returns>
    public bool SignalMsi(ulong address, uint data, uint? deviceId = null)
    {
        var message = new kvm_msi
        {
            address_lo = (uint)address,
            address_hi = (uint)(address >> 32),
            data = data,
            flags = deviceId is null ? 0 : KVM_MSI_VALID_DEVID,
            devid = deviceId ?? 0,
        };
        return Ioctl.Invoke(_fd, KVM_SIGNAL_MSI, ref message) > 0;
    }

    /// <summary>Replaces the whole table of interrupt routes.</summary>
    /// <exception cref="LinuxException">A route names a controller or pin that is not there, or there are too many.</exception>
    public void SetGsiRouting(ReadOnlySpan<GsiRoute> routes)
    {
        var table = new FlexibleArray<kvm_irq_routing, kvm_irq_routing_entry>(
            new kvm_irq_routing { nr = (uint)routes.Length }, routes.Length);
        for (int i = 0; i < routes.Length; i++)
        {
            table.Entries[i] = routes[i].Entry;
        }

        Errno errno = Ioctl.TryInvoke(_fd, KVM_SET_GSI_ROUTING, ref table.Bytes, out _);
        if (errno != Errno.None)
        {
            throw new LinuxException(nameof(KVM_SET_GSI_ROUTING), errno);
        }
    }

    /// <summary>Lets an eventfd raise an interrupt.</summary>
    /// <param name="trigger">Signalled to raise it. KVM keeps the file open by itself.</param>
    /// <param name="gsi">The interrupt.</param>
    /// <param name="resample">For level-triggered lines: the line stays up until the guest ends the interrupt, then
    /// KVM lowers it and signals this, and whoever still wants attention signals the trigger again. Null for edges.</param>
    /// <exception cref="LinuxException">The eventfd is in use for an interrupt already.</exception>
    public void AssignIrqFd(EventFd trigger, uint gsi, EventFd? resample = null) =>
        ControlIrqFd(trigger, gsi, resample is null ? 0 : KVM_IRQFD_FLAG_RESAMPLE, resample);

    /// <summary>Ends what <see cref="AssignIrqFd"/> began. No interrupt comes of it after this.</summary>
    public void DeassignIrqFd(EventFd trigger, uint gsi) => ControlIrqFd(trigger, gsi, KVM_IRQFD_FLAG_DEASSIGN, null);

    /// <summary>Lets a guest write signal an eventfd, in the kernel, instead of an exit.</summary>
    /// <param name="notify">The eventfd. KVM keeps the file open by itself.</param>
    /// <param name="space">Memory or ports.</param>
    /// <param name="address">Guest physical address or port.</param>
    /// <param name="length">Bytes written: 1, 2, 4 or 8; 0 for any (needs the IoEventFd…Length capabilities).</param>
    /// <param name="dataMatch">Only writes of this value; null for all. Not with length 0.</param>
    /// <exception cref="LinuxException">The same event is listened to already, or KVM cannot.</exception>
    public void AssignIoEventFd(
        EventFd notify, IoEventSpace space, ulong address, int length = 0, ulong? dataMatch = null) =>
        ControlIoEventFd(notify, space, address, length, dataMatch, 0);

    /// <summary>Ends what <see cref="AssignIoEventFd"/> began with the same arguments.</summary>
    /// <exception cref="LinuxException">There was no such event.</exception>
    public void DeassignIoEventFd(
        EventFd notify, IoEventSpace space, ulong address, int length = 0, ulong? dataMatch = null) =>
        ControlIoEventFd(notify, space, address, length, dataMatch, KVM_IOEVENTFD_FLAG_DEASSIGN);

    private void ControlIrqFd(EventFd trigger, uint gsi, uint flags, EventFd? resample)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        var irqfd = new kvm_irqfd
        {
            fd = (uint)trigger.Number,
            gsi = gsi,
            flags = flags,
            resamplefd = resample is null ? 0 : (uint)resample.Number,
        };
        Ioctl.Invoke(_fd, KVM_IRQFD, ref irqfd);
        GC.KeepAlive(trigger);
        GC.KeepAlive(resample);
    }

    private void ControlIoEventFd(
        EventFd notify, IoEventSpace space, ulong address, int length, ulong? dataMatch, uint flags)
    {
        ArgumentNullException.ThrowIfNull(notify);
        flags |= space == IoEventSpace.Pio ? KVM_IOEVENTFD_FLAG_PIO : 0;
        flags |= dataMatch is null ? 0 : KVM_IOEVENTFD_FLAG_DATAMATCH;
        var ioeventfd = new kvm_ioeventfd
        {
            datamatch = dataMatch ?? 0,
            addr = address,
            len = (uint)length,
            fd = notify.Number,
            flags = flags,
        };
        Ioctl.Invoke(_fd, KVM_IOEVENTFD, ref ioeventfd);
        GC.KeepAlive(notify);
    }
}
