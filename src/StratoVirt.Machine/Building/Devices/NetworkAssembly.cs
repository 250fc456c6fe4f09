using System.Buffers.Binary;
using System.Text;
using StratoVirt.Backends.Limits;
using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Passt;
using StratoVirt.Backends.Net.Tap;
using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>A network card, with a thread of its own.</summary>
internal sealed class NetworkAssembly : DeviceAssembly
{
    private readonly RateLimiter _receive;
    private readonly RateLimiter _send;
    private readonly VirtioNet _device;

    /// <summary>Opens the host's side and makes the card.</summary>
    /// <param name="spec">The card.</param>
    /// <param name="context">The machine.</param>
    /// <param name="ends">The queues of its tap, opened elsewhere; null opens them here.</param>
    /// <exception cref="MachineException">The host's side cannot be had.</exception>
    public NetworkAssembly(NetworkSpec spec, DeviceContext context, HostEnds? ends)
        : base(spec)
    {
        RateLimiter? group = context.Group(spec.RateGroup);
        _receive = group ?? RateLimits.Create(spec.ReceiveLimit);
        _send = group ?? RateLimits.Create(spec.SendLimit);
        INetBackend host = Guarded(spec, () => ends is null ? Open(spec) : Adopt(ends, spec.Vhost));
        try
        {
            _device = new VirtioNet(
                host,
                new NetOptions
                {
                    Mac = spec.Mac is null ? Derive(context.Machine, spec.Name) : Parse(spec),
                    Mtu = spec.Mtu ?? ends?.Mtu,
                    ReceiveLimit = _receive,
                    SendLimit = _send,
                    IsLinkUp = spec.LinkUp,
                },
                OwnThread(context));
            _device.HostFailed += () => NoteFailure(context);
            if (_device.Problem is not null)
            {
                NoteFailure(context);
            }
        }
        catch
        {
            host.Dispose();
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override VirtioDevice Device => _device;

    /// <inheritdoc/>
    public override object Metrics => _device.Metrics;

    /// <inheritdoc/>
    protected override string? Problem => _device.Problem;

    /// <summary>An address that is the same at every start: unicast, locally administered, the rest from the names.</summary>
    internal static MacAddress Derive(string machine, string device)
    {
        // FNV-1a (Fowler, Noll, Vo): there is nobody to keep an address secret from.
        const ulong Offset = 0xCBF2_9CE4_8422_2325;
        const ulong Prime = 0x100_0000_01B3;
        ulong hash = Offset;
        foreach (byte part in Encoding.UTF8.GetBytes($"{machine}/{device}"))
        {
            hash = (hash ^ part) * Prime;
        }

        // The upper bits are the well mixed ones.
        Span<byte> address = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(address, hash);
        address[0] = 0x02;
        return MacAddress.Read(address);
    }

    /// <inheritdoc/>
    protected override void Apply(DeviceSpec wanted)
    {
        var (present, network) = ((NetworkSpec)Spec, (NetworkSpec)wanted);
        Fixed("everything but its limits and its link", present, network with
        {
            ReceiveLimit = present.ReceiveLimit,
            SendLimit = present.SendLimit,
            LinkUp = present.LinkUp,
        });
        if (network.RateGroup is null)
        {
            RateLimits.Change(_receive, network.ReceiveLimit);
            RateLimits.Change(_send, network.SendLimit);
        }

        _device.SetLink(network.LinkUp);
    }

    private static MacAddress Parse(NetworkSpec spec) =>
        MacAddress.TryParse(spec.Mac, out MacAddress address) && address.IsUnicast
            ? address
            : throw new MachineException(
                MachineErrorId.DeviceUnusable,
                $"'{spec.Mac}' is no MAC address that network card '{spec.Name}' can have.",
                "Write six bytes in hexadecimal, the first of them even: 52:54:00:12:34:56.");

    /// <summary>Opens the tap of a card for a machine of another process.</summary>
    /// <exception cref="MachineException">It cannot be had.</exception>
    public static TapBackend OpenTap(NetworkSpec spec) => Guarded(spec, () => spec.TapDescriptor is { } descriptor
        ? TapBackend.Adopt(descriptor, spec.Vhost)
        : TapBackend.Open(new TapOptions { Name = spec.Tap ?? string.Empty, QueuePairs = spec.Queues, Vhost = spec.Vhost }));

    private static INetBackend Open(NetworkSpec spec) => spec.User
        ? PasstBackend.Start(new PasstOptions { TcpPorts = spec.Forward ?? string.Empty })
        : OpenTap(spec);

    // Of each pair the tap's queue, and behind all of those the kernel's ends, where it moves the frames.
    private static TapBackend Adopt(HostEnds ends, bool isVhost)
    {
        FileDescriptor[] taken = [.. ends.TakeAll()];
        try
        {
            int[] numbers = [.. taken.Select(end => end.Number)];
            int pairs = isVhost ? numbers.Length / 2 : numbers.Length;
            if (pairs == 0 || (isVhost && numbers.Length != 2 * pairs))
            {
                throw HostEnds.TooFew();
            }

            TapBackend tap = TapBackend.Adopt(numbers[..pairs], numbers[pairs..]);
            Array.ForEach(taken, end => end.Release());
            return tap;
        }
        finally
        {
            Array.ForEach(taken, end => end.Dispose());
        }
    }

    private static T Guarded<T>(NetworkSpec spec, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (NetBackendException refused)
        {
            MachineErrorId id = refused.Error switch
            {
                NetBackendError.NotPermitted => MachineErrorId.DevicePermission,
                NetBackendError.NotFound or NetBackendError.ProgramMissing => MachineErrorId.DeviceMissing,
                NetBackendError.InUse => MachineErrorId.DeviceInUse,
                _ => MachineErrorId.DeviceUnusable,
            };
            throw new MachineException(
                id,
                $"The host's side of network card '{spec.Name}' cannot be had. {refused.Message}",
                "Correct the definition or the host.",
                refused.InnerException);
        }
    }
}
