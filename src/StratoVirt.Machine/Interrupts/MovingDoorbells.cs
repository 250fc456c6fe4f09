using StratoVirt.Devices.Virtio.Transport;
using StratoVirt.Kvm;
using StratoVirt.Linux;

namespace StratoVirt.Machine.Interrupts;

/// <summary>The notifications of a virtio device behind PCI, which follow its base address register: KVM listens where
/// the guest has put it, and nowhere while it is nowhere.</summary>
internal sealed class MovingDoorbells : IKvmWiring, IDisposable
{
    private readonly Lock _gate = new();
    private readonly VirtioPci _transport;
    private KvmVm? _vm;
    private ulong? _base;
    private int _connected;

    public MovingDoorbells(VirtioPci transport)
    {
        _transport = transport;
        transport.NotifyAddressChanged += Follow;
    }

    /// <inheritdoc/>
    public void Connect(KvmVm vm)
    {
        lock (_gate)
        {
            _vm = vm;
            Listen();
        }
    }

    /// <inheritdoc/>
    public void Disconnect(KvmVm vm)
    {
        lock (_gate)
        {
            Silence();
            _vm = null;
        }
    }

    /// <summary>Follows no more. The device has ended.</summary>
    public void Dispose() => _transport.NotifyAddressChanged -= Follow;

    private void Follow()
    {
        lock (_gate)
        {
            Silence();
            Listen();
        }
    }

    private void Listen()
    {
        _base = _transport.NotifyAddress;
        if (_vm is null || _base is not { } first)
        {
            return;
        }

        try
        {
            while (_connected < _transport.Device.Doorbells.Count)
            {
                ulong address = first + ((ulong)_connected * VirtioPci.NotifyStride);
                _vm.AssignIoEventFd(_transport.Device.Doorbells[_connected].Event, IoEventSpace.Mmio, address);
                _connected++;
            }
        }
        catch (LinuxException)
        {
            // The guest chose the address: whatever KVM has against it, the queues that are left notify by an exit.
        }
    }

    private void Silence()
    {
        while (_connected > 0)
        {
            _connected--;
            ulong address = _base!.Value + ((ulong)_connected * VirtioPci.NotifyStride);
            _vm!.DeassignIoEventFd(_transport.Device.Doorbells[_connected].Event, IoEventSpace.Mmio, address);
        }
    }
}
