using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Backends.Net.Tap;

/// <summary>A tap interface of the host.</summary>
public sealed class TapBackend : INetBackend
{
    private static readonly NetOffloads[] Wishes =
    [
        NetOffloads.Checksum | NetOffloads.Tso4 | NetOffloads.Tso6 | NetOffloads.Ecn | NetOffloads.Ufo,
        NetOffloads.Checksum | NetOffloads.Tso4 | NetOffloads.Tso6 | NetOffloads.Ecn,
        NetOffloads.Checksum,
    ];

    private readonly TapQueue[] _queues;
    private volatile string? _problem;

    private TapBackend(List<TapDevice> taps, List<VhostNet> vhosts)
    {
        _queues = new TapQueue[taps.Count];
        Name = taps[0].Name;
        for (int i = 0; i < taps.Count; i++)
        {
            _queues[i] = new TapQueue(this, taps[i], vhosts.Count > 0 ? vhosts[i] : null);
            taps[i].SetHeaderLength(INetBackend.HeaderLength);
        }

        Offloads = Wishes.FirstOrDefault(wish => taps[0].SetOffloads(ToTap(wish)) == Errno.None);
        _ = SetOffloads(NetOffloads.None);
        _ = SetQueuesInUse(1);
        Mtu = HostInterface.FindMtu(Name);
    }

    /// <summary>The interface's name.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<INetQueue> Queues => _queues;

    /// <inheritdoc/>
    public NetOffloads Offloads { get; }

    /// <inheritdoc/>
    public int? Mtu { get; }

    /// <inheritdoc/>
    public string? Problem => _problem;

    /// <summary>The descriptors that <see cref="Adopt(IReadOnlyList{int}, IReadOnlyList{int})"/> takes: of the tap, one a
    /// pair of queues, then of the kernel's vhost_net as many, or none.</summary>
    public IEnumerable<FileDescriptor> Ends =>
        [.. _queues.Select(queue => queue.Tap), .. _queues.Select(queue => queue.KernelEnd).OfType<FileDescriptor>()];

    /// <summary>Makes a tap interface or joins one that is there.</summary>
    /// <exception cref="NetBackendException">It cannot be had.</exception>
    public static TapBackend Open(TapOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.QueuePairs);
        var taps = new List<TapDevice>();
        var vhosts = new List<VhostNet>();
        try
        {
            while (options.Vhost && vhosts.Count < options.QueuePairs)
            {
                vhosts.Add(VhostNet.Open());
            }

            taps.Add(OpenFirst(options));
            while (taps.Count < options.QueuePairs)
            {
                taps.Add(TapDevice.Open(taps[0].Name, multiQueue: true));
            }

            SetUp(taps[0], options);
            return new TapBackend(taps, vhosts);
        }
        catch (LinuxException refusal)
        {
            taps.ForEach(tap => tap.Dispose());
            vhosts.ForEach(vhost => vhost.Dispose());
            throw refusal.Target == VhostNet.Path ? ExplainVhost(refusal) : Explain(refusal, options);
        }
    }

    /// <summary>Takes over queues that another program has opened, with IFF_VNET_HDR.</summary>
    /// <param name="queues">The descriptors' numbers, one a pair of queues, of one interface. Closed with this.</param>
    /// <param name="vhosts">As many of <see cref="VhostNet"/>, which nobody owns yet; or none, and frames pass through this
    /// process. Closed with this.</param>
    /// <exception cref="NetBackendException">One is no such thing; none has been closed.</exception>
    public static TapBackend Adopt(IReadOnlyList<int> queues, IReadOnlyList<int> vhosts)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(vhosts);
        ArgumentOutOfRangeException.ThrowIfZero(queues.Count, nameof(queues));
        var taps = new List<TapDevice>();
        var kernelEnds = new List<VhostNet>();
        try
        {
            foreach (int descriptor in queues)
            {
                taps.Add(TapDevice.Adopt(descriptor));
            }

            foreach (int descriptor in vhosts)
            {
                kernelEnds.Add(VhostNet.Adopt(descriptor));
            }

            return taps.TrueForAll(tap => tap.Name == taps[0].Name)
                ? new TapBackend(taps, kernelEnds)
                : throw new NetBackendException(
                    NetBackendError.Mismatch, $"The descriptors belong to different interfaces: {string.Join(", ", taps.Select(tap => tap.Name))}.");
        }
        catch (Exception refusal) when (refusal is LinuxException or NetBackendException)
        {
            taps.ForEach(tap => tap.SetHandleAsInvalid());
            kernelEnds.ForEach(vhost => vhost.SetHandleAsInvalid());
            throw refusal is NetBackendException ? refusal : new NetBackendException(
                NetBackendError.Mismatch,
                $"A descriptor given for the network card is no tap opened with IFF_TAP, IFF_NO_PI and IFF_VNET_HDR, or no vhost-net: {refusal.Message}",
                refusal);
        }
    }

    /// <summary>Takes over the one queue of a tap that another program has opened, with IFF_VNET_HDR.</summary>
    /// <param name="descriptor">The descriptor's number. Closed with this.</param>
    /// <param name="vhost">Whether the host's kernel is to move its frames.</param>
    /// <exception cref="NetBackendException">It is no such thing, and has not been closed; or there is no vhost.</exception>
    public static TapBackend Adopt(int descriptor, bool vhost)
    {
        VhostNet? kernelEnd = null;
        try
        {
            kernelEnd = vhost ? VhostNet.Open() : null;
            TapBackend tap = Adopt([descriptor], kernelEnd is null ? [] : [kernelEnd.Number]);
            kernelEnd?.SetHandleAsInvalid();
            return tap;
        }
        catch (LinuxException refusal)
        {
            throw ExplainVhost(refusal);
        }
        finally
        {
            kernelEnd?.Dispose();
        }
    }

    /// <inheritdoc/>
    public bool SetOffloads(NetOffloads offloads)
    {
        // The kernel keeps them for the whole interface.
        return _queues[0].Tap.SetOffloads(ToTap(offloads)) == Errno.None;
    }

    /// <inheritdoc/>
    public bool SetQueuesInUse(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _queues.Length);
        bool done = true;
        for (int i = 1; i < _queues.Length; i++)
        {
            bool inUse = i < count;
            if (_queues[i].IsInUse != inUse)
            {
                bool changed = _queues[i].Tap.SetInUse(inUse) == Errno.None;
                _queues[i].IsInUse = changed ? inUse : _queues[i].IsInUse;
                done &= changed;
            }
        }

        return done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TapQueue queue in _queues)
        {
            queue.Vhost?.Dispose();
            queue.Tap.Dispose();
        }
    }

    internal void OnGone() => _problem ??= $"the tap interface '{Name}' was deleted on the host";

    private static TapOffloads ToTap(NetOffloads offloads) => (TapOffloads)offloads;

    // Whether an interface that is there was made for several queues cannot be asked without privilege: it is tried.
    private static TapDevice OpenFirst(TapOptions options)
    {
        bool several = options.QueuePairs > 1;
        try
        {
            return TapDevice.Open(options.Name, several);
        }
        catch (LinuxException refusal) when (refusal.Errno == Errno.InvalidArgument && !several)
        {
            return TapDevice.Open(options.Name, multiQueue: true);
        }
    }

    private static void SetUp(TapDevice tap, TapOptions options)
    {
        if (options.IsPersistent)
        {
            tap.SetPersistent(true);
        }

        if (options.Mtu is { } mtu && HostInterface.GetMtu(tap.Name) != mtu)
        {
            HostInterface.SetMtu(tap.Name, mtu);
        }

        if (options.BringUp && !HostInterface.IsUp(tap.Name))
        {
            HostInterface.SetUp(tap.Name, up: true);
        }
    }

    private static NetBackendException ExplainVhost(LinuxException refusal) => refusal.Errno switch
    {
        Errno.NotPermitted or Errno.AccessDenied => new NetBackendException(
            NetBackendError.NotPermitted, $"This user may not open {VhostNet.Path}. As root, run: setfacl -m u:$USER:rw {VhostNet.Path}", refusal),
        Errno.NoEntry or Errno.NoDevice or Errno.NoDeviceOrAddress => new NetBackendException(
            NetBackendError.NotFound,
            $"This host has no {VhostNet.Path}: the kernel module 'vhost_net' is not loaded (modprobe vhost_net). A card without 'vhost' does not need it.",
            refusal),
        _ => new NetBackendException(NetBackendError.Refused, $"{VhostNet.Path} cannot be used. {refusal.Message}", refusal),
    };

    private static NetBackendException Explain(LinuxException refusal, TapOptions options)
    {
        string name = options.Name.Length == 0 ? "a tap interface" : $"the tap interface '{options.Name}'";
        string word = options.Name.Length == 0 ? "tap0" : options.Name;
        return refusal.Errno switch
        {
            Errno.NotPermitted or Errno.AccessDenied => new NetBackendException(
                NetBackendError.NotPermitted,
                $"This user may not use {name}. As root, run: ip tuntap add {word} mode tap user $USER"
                    + $"{(options.QueuePairs > 1 ? " multi_queue" : string.Empty)}; ip link set {word} up",
                refusal),
            Errno.NoEntry or Errno.NoDevice or Errno.NoDeviceOrAddress => new NetBackendException(
                NetBackendError.NotFound, "This host has no /dev/net/tun: the kernel module 'tun' is not loaded (modprobe tun).", refusal),
            Errno.Busy => new NetBackendException(NetBackendError.InUse, $"Another program uses {name}.", refusal),
            Errno.InvalidArgument when refusal.Operation == "TUNSETIFF" => new NetBackendException(
                NetBackendError.Mismatch,
                $"There is an interface '{options.Name}' that is no tap, or was not made for {options.QueuePairs} pairs of queues (multi_queue).",
                refusal),
            _ => new NetBackendException(NetBackendError.Refused, $"{name} cannot be used. {refusal.Message}", refusal),
        };
    }
}
