using StratoVirt.Definitions.Devices;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>The host's side of network cards, and their links.</summary>
internal static class NetworkHandlers
{
    private const string ForwardPrefix = "tcp:";

    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        table.Add(NetworkCommands.NetdevAdd, options => AddNetdev(context, options));
        table.Add(NetworkCommands.NetdevDel, arguments => DeleteNetdev(context, arguments.Id));
        table.AddPending(NetworkCommands.SetLink, (arguments, reply) => SetLink(context, arguments, reply));
    }

    /// <summary>The card that a host's side and a driver's properties make.</summary>
    public static NetworkSpec ToSpec(string name, NetdevOptions host) => host.Type == NetdevType.User
        ? new NetworkSpec { Name = name, User = true, Forward = Forward(host) }
        : new NetworkSpec
        {
            Name = name,
            Tap = host.Ifname,
            TapDescriptor = host.Fd is null ? null : int.Parse(host.Fd, System.Globalization.CultureInfo.InvariantCulture),
            Queues = host.Queues ?? 1,
        };

    private static QmpNothing AddNetdev(ControlContext context, NetdevOptions options)
    {
        bool isUser = options.Type == NetdevType.User;
        if (isUser)
        {
            Refuse("ifname", options.Ifname);
            Refuse("fd", options.Fd);
            Refuse("queues", options.Queues);
            Refuse("script", options.Script);
            Refuse("downscript", options.Downscript);
            Refuse("vhost", options.Vhost);
            _ = Forward(options);
        }
        else
        {
            Refuse("hostfwd", options.Hostfwd);
            RequireNo("script", options.Script);
            RequireNo("downscript", options.Downscript);
            if (options.Vhost == true)
            {
                throw QmpException.Generic("Parameter 'vhost' does not accept value 'true': packets are moved by this program");
            }

            if (options.Fd is null == (options.Ifname is null))
            {
                throw QmpException.Generic("Need exactly one of 'ifname' and 'fd'");
            }

            if (options.Fd is { } number && !int.TryParse(number, System.Globalization.NumberStyles.None, null, out _))
            {
                throw QmpException.Generic($"File descriptor named '{number}' has not been found");
            }
        }

        return context.Netdevs.TryAdd(options.Id, options)
            ? QmpNothing.Instance
            : throw QmpException.Generic($"Duplicate ID '{options.Id}' for netdev");
    }

    private static QmpNothing DeleteNetdev(ControlContext context, string id)
    {
        if (!context.Netdevs.TryFind(id, out _, out string? user))
        {
            throw QmpException.NoDevice(id);
        }

        if (user is not null)
        {
            throw QmpException.Generic($"Netdev '{id}' is in use by device '{user}'");
        }

        context.Netdevs.Remove(id);
        return QmpNothing.Instance;
    }

    private static void SetLink(ControlContext context, SetLinkArguments arguments, QmpReply<QmpNothing> reply)
    {
        string name = arguments.Name;
        string card = context.Netdevs.TryFind(name, out _, out string? user) && user is not null ? user : name;
        VmDevice device = context.FindDevice(card) ?? throw QmpException.NoDevice(name);
        if (device.Spec is not NetworkSpec network)
        {
            throw QmpException.NoDevice(name);
        }

        context.Await(reply, completed => context.Machine.RequestChangeDevice(network with { LinkUp = arguments.Up }, completed));
    }

    // QEMU's rule is tcp:[hostaddr]:hostport-[guestaddr]:guestport; what has no address is what passt forwards.
    private static string? Forward(NetdevOptions options) => options.Hostfwd is not { Count: > 0 } rules ? null : string.Join(',', Listing.Of(rules, rule =>
    {
        string[] ends = rule.Str.StartsWith(ForwardPrefix, StringComparison.Ordinal) ? rule.Str[ForwardPrefix.Length..].Split('-') : [];
        return ends.Length == 2 && PortOf(ends[0]) is { } host && PortOf(ends[1]) is { } guest
            ? $"{host}:{guest}"
            : throw QmpException.Generic($"Invalid host forwarding rule '{rule.Str}': write tcp::PORT-:PORT");
    }));

    private static string? PortOf(string end) =>
        end.StartsWith(':') && ushort.TryParse(end[1..], System.Globalization.NumberStyles.None, null, out ushort port) && port != 0
            ? port.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : null;

    private static void Refuse(string name, object? value)
    {
        if (value is not null)
        {
            throw QmpException.Generic($"Parameter '{name}' is unexpected");
        }
    }

    private static void RequireNo(string name, string? value)
    {
        if (value is not (null or "" or "no"))
        {
            throw QmpException.Generic($"Parameter '{name}' does not accept value '{value}': no script is run");
        }
    }
}
