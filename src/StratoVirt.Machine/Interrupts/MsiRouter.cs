using StratoVirt.Devices.Pci.Msix;
using StratoVirt.Kvm;
using StratoVirt.Kvm.X64;
using StratoVirt.Linux;

namespace StratoVirt.Machine.Interrupts;

/// <summary>
/// Takes message-signalled interrupts to the guest: each has a GSI of its own behind the I/O APIC's, an irqfd, and an
/// entry in KVM's routing table while the guest wants it. The table is KVM's own until the first message.
/// </summary>
internal sealed class MsiRouter : IMsiRouter, IKvmWiring
{
    // KVM's table has 4096 entries (KVM_MAX_IRQ_ROUTES); the controllers' pins take 40 of them.
    private const int Most = 4096 - 64;

    private const uint FirstGsi = Pins;
    private const uint Pins = Boot.X64.Layout.IoApicPins;
    private const uint PinsPerPic = 8;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<uint, MsiRoute> _routes = [];
    private KvmVm? _vm;

    /// <inheritdoc/>
    public IMsiRoute Allocate()
    {
        lock (_gate)
        {
            if (_routes.Count == Most)
            {
                throw new InvalidOperationException($"The machine has {Most} message-signalled interrupts, all in use.");
            }

            uint gsi = FirstGsi;
            foreach (uint taken in _routes.Keys)
            {
                if (taken != gsi)
                {
                    break;
                }

                gsi++;
            }

            var route = new MsiRoute(this, gsi);
            try
            {
                _vm?.AssignIrqFd(route.Event, gsi);
            }
            catch
            {
                route.Event.Dispose();
                throw;
            }

            _routes.Add(gsi, route);
            return route;
        }
    }

    /// <inheritdoc/>
    public void Connect(KvmVm vm)
    {
        lock (_gate)
        {
            foreach (MsiRoute route in _routes.Values)
            {
                // A new life of the guest: what the old one programmed, and has not taken, is nobody's.
                route.Message = null;
                _ = route.Event.Drain();
                vm.AssignIrqFd(route.Event, route.Gsi);
            }

            _vm = vm;
        }
    }

    /// <inheritdoc/>
    public void Disconnect(KvmVm vm)
    {
        lock (_gate)
        {
            _vm = null;
            foreach (MsiRoute route in _routes.Values)
            {
                vm.DeassignIrqFd(route.Event, route.Gsi);
            }
        }
    }

    /// <summary>A route's message has changed.</summary>
    internal void Update(MsiRoute route, MsiMessage? message)
    {
        lock (_gate)
        {
            // A message that is masked stays in the table: it is not triggered, and unmasking it costs nothing then.
            if (message is null || route.Message == message)
            {
                return;
            }

            MsiMessage? before = route.Message;
            route.Message = message;
            try
            {
                WriteTable();
            }
            catch (LinuxException)
            {
                // A message that KVM does not take is one that goes nowhere; the others stay.
                route.Message = before;
            }
        }
    }

    /// <summary>A route is given back.</summary>
    internal void Release(MsiRoute route)
    {
        lock (_gate)
        {
            if (_routes.Remove(route.Gsi))
            {
                _vm?.DeassignIrqFd(route.Event, route.Gsi);
                route.Event.Dispose();
            }
        }
    }

    private void WriteTable()
    {
        if (_vm is null)
        {
            return;
        }

        // KVM replaces the whole table, its own entries for the pins included: GSI n is input n of the I/O APIC and,
        // up to 15, of the two PICs.
        List<GsiRoute> table = [];
        for (uint pin = 0; pin < Pins; pin++)
        {
            if (pin < 2 * PinsPerPic)
            {
                IrqChip pic = pin < PinsPerPic ? IrqChip.PicMaster : IrqChip.PicSlave;
                table.Add(GsiRoute.ToPin(pin, (uint)pic, pin % PinsPerPic));
            }

            table.Add(GsiRoute.ToPin(pin, (uint)IrqChip.IoApic, pin));
        }

        foreach (MsiRoute route in _routes.Values)
        {
            if (route.Message is { } message)
            {
                table.Add(GsiRoute.ToMessage(route.Gsi, message.Address, message.Data));
            }
        }

        _vm.SetGsiRouting([.. table]);
    }
}
