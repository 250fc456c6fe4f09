using StratoVirt.Backends.Io;
using StratoVirt.Kvm;
using StratoVirt.Linux;

namespace StratoVirt.Machine.Interrupts;

/// <summary>
/// The notifications of one virtio device: KVM signals a queue's doorbell when the guest writes the queue's number,
/// with no exit to this process.
/// </summary>
/// <param name="doorbells">One a queue, in order of the queues.</param>
/// <param name="place">Where the guest writes for a queue.</param>
internal sealed class QueueDoorbells(IReadOnlyList<Doorbell> doorbells, Func<int, DoorbellPlace> place) : IKvmWiring
{
    private int _connected;

    /// <inheritdoc/>
    public void Connect(KvmVm vm)
    {
        _connected = 0;
        while (_connected < doorbells.Count)
        {
            DoorbellPlace at = place(_connected);
            try
            {
                vm.AssignIoEventFd(doorbells[_connected].Event, IoEventSpace.Mmio, at.Address, at.Length, at.Value);
            }
            catch (LinuxException full) when (full.Errno == Errno.NoSpace)
            {
                // KVM takes 1000 listeners on a bus (NR_IOBUS_DEVS). Queues beyond that notify by an exit, which the
                // transport takes to the same doorbell.
                return;
            }

            _connected++;
        }
    }

    /// <inheritdoc/>
    public void Disconnect(KvmVm vm)
    {
        while (_connected > 0)
        {
            _connected--;
            DoorbellPlace at = place(_connected);
            vm.DeassignIoEventFd(doorbells[_connected].Event, IoEventSpace.Mmio, at.Address, at.Length, at.Value);
        }
    }
}
