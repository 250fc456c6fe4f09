using StratoVirt.Backends.Net;

namespace StratoVirt.Devices.Virtio.Net;

/// <content>What a driver changes and a snapshot keeps.</content>
public sealed partial class VirtioNet : INetControlled
{
    /// <summary>The card's state. It is paused.</summary>
    public NetState Save() => new()
    {
        Mac = _configuration.Mac.Value,
        IsLinkUp = _isLinkWanted,
        PairsInUse = _pairsInUse,
        GuestOffloads = _guestOffloads,
    };

    /// <summary>Takes a saved state over, before the driver's activation of the saved card is repeated or after it. The
    /// card is paused.</summary>
    /// <exception cref="DeviceStateException">The state is of another version, or of a card with more queues or another
    /// host side.</exception>
    public void Restore(NetState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        const string Device = "the network card";
        DeviceStateException.CheckVersion(Device, state.Version, NetState.CurrentVersion);
        var mac = new MacAddress(state.Mac);
        if (!mac.IsUnicast || state.PairsInUse < 1 || state.PairsInUse > _pairs.Length)
        {
            throw new DeviceStateException(Device, $"it has the address {mac} and {state.PairsInUse} pairs of queues in use of {_pairs.Length}");
        }

        if ((state.GuestOffloads & ~_host.Offloads) != 0)
        {
            throw new DeviceStateException(Device, $"its driver takes {state.GuestOffloads}, this host side can do {_host.Offloads}");
        }

        _configuration.Mac = mac;
        _isLinkWanted = state.IsLinkUp;
        UpdateLink();
        _restored = state;
        if (Active is not null)
        {
            TakeRestored();
        }
    }

    bool INetControlled.TrySetMac(MacAddress mac)
    {
        _configuration.Mac = mac;
        return true;
    }

    bool INetControlled.TrySetPairs(int pairs)
    {
        if (pairs < 1 || pairs > _pairs.Length || !UsePairs(pairs))
        {
            return false;
        }

        UpdateVhost();

        for (int i = 0; i < pairs; i++)
        {
            Doorbells[_pairs[i].ReceiveQueue].Ring();
            Doorbells[_pairs[i].SendQueue].Ring();
        }

        return true;
    }

    bool INetControlled.TrySetGuestOffloads(ulong features)
    {
        // Only what was negotiated can be turned on again (§5.1.6.5.6.2).
        const ulong All = NetFeatures.GuestChecksum | NetFeatures.GuestTso4 | NetFeatures.GuestTso6
            | NetFeatures.GuestEcn | NetFeatures.GuestUfo;
        return (features & ~(Active!.Features & All)) == 0 && UseOffloads(NetFeatures.GuestOffloads(features));
    }

    private bool UsePairs(int pairs)
    {
        for (int i = pairs; i < _pairsInUse; i++)
        {
            if (IsVhost && Active is { } active)
            {
                _vhosts[i].Stop(active);
            }

            _pairs[i].Silence();
            if (Active?.Queues[_pairs[i].ReceiveQueue] is { } queue)
            {
                _pairs[i].Receiver.Release(queue);
            }
        }

        bool done = _host.SetQueuesInUse(pairs);
        Volatile.Write(ref _pairsInUse, done ? pairs : _pairsInUse);
        return done;
    }

    private bool UseOffloads(NetOffloads offloads)
    {
        bool done = _host.SetOffloads(offloads);
        _guestOffloads = done ? offloads : _guestOffloads;
        return done;
    }

    private void TakeRestored()
    {
        if (_restored is { } state)
        {
            _restored = null;
            _ = UsePairs(state.PairsInUse);
            _ = UseOffloads(state.GuestOffloads);
        }
    }
}
