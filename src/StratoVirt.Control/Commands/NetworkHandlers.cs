using StratoVirt.Definitions.Devices;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
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

    private static QmpNothing AddNetdev(ControlContext context, NetdevOptions options)
    {
        bool isUser = options.Type == NetdevType.User;
        if (isUser)
        {
            Refuse("ifname", options.Ifname);
            Refuse("fd", options.Fd);
            Refuse("fds", options.Fds);
            Refuse("queues", options.Queues);
            Refuse("script", options.Script);
            Refuse("downscript", options.Downscript);
            Refuse("vhost", options.Vhost);
        }
        else
        {
            Refuse("hostfwd", options.Hostfwd);
            RequireNo("script", options.Script);
            RequireNo("downscript", options.Downscript);
            if (options.Vhost == true && options.Ifname is null)
            {
                throw QmpException.Generic("Parameter 'vhost' needs 'ifname': no descriptor of /dev/vhost-net can come with it");
            }

            if ((options.Fd is null ? 0 : 1) + (options.Fds is null ? 0 : 1) + (options.Ifname is null ? 0 : 1) != 1)
            {
                throw QmpException.Generic("Need exactly one of 'ifname', 'fd' and 'fds'");
            }

            if (options.Queues is not null && options.Fds is not null)
            {
                throw QmpException.Generic("queues= is invalid with fds=: there are as many as descriptors");
            }
        }

        // Asked for first: descriptors that are taken for a name that is not free would be lost.
        if (context.Netdevs.TryFind(options.Id, out _, out _))
        {
            throw Duplicate(options.Id);
        }

        var netdev = new Netdev(options, Forward(options), TakeQueues(context, options));
        if (!context.Netdevs.TryAdd(options.Id, netdev))
        {
            netdev.Dispose();
            throw QmpException.Generic($"More than {BackendTable<Netdev>.MaxEntries} netdevs");
        }

        return QmpNothing.Instance;
    }

    private static QmpException Duplicate(string id) => QmpException.Generic($"Duplicate ID '{id}' for netdev");

    // A descriptor's number is one of this process, and its card's to take. A name is one of the client's (getfd).
    private static List<TapDevice> TakeQueues(ControlContext context, NetdevOptions options)
    {
        string[] names = options.Fds?.Split(':') ?? (options.Fd is { } fd && !IsNumber(fd) ? [fd] : []);
        var queues = new List<TapDevice>();
        try
        {
            foreach (string name in names)
            {
                FileDescriptor given = context.Enclosures?.TakeNamed(name) ?? throw DescriptorHandlers.NotFound(name);
                queues.Add(Adopt(given, name));
            }

            return queues.TrueForAll(queue => queue.Name == queues[0].Name)
                ? queues
                : throw QmpException.Generic($"The descriptors '{options.Fds}' belong to different interfaces");
        }
        catch
        {
            queues.ForEach(queue => queue.Dispose());
            throw;
        }
    }

    private static TapDevice Adopt(FileDescriptor given, string name)
    {
        using (given)
        {
            try
            {
                TapDevice queue = TapDevice.Adopt(given.Number);
                given.SetHandleAsInvalid();
                return queue;
            }
            catch (LinuxException refused)
            {
                throw QmpException.Generic(
                    $"File descriptor '{name}' is no tap opened with IFF_TAP, IFF_NO_PI and IFF_VNET_HDR: {refused.Message}");
            }
        }
    }

    private static bool IsNumber(string text) => int.TryParse(text, System.Globalization.NumberStyles.None, null, out _);

    private static QmpNothing DeleteNetdev(ControlContext context, string id)
    {
        if (!context.Netdevs.TryFind(id, out Netdev? netdev, out string? user))
        {
            throw QmpException.NoDevice(id);
        }

        if (user is not null)
        {
            throw QmpException.Generic($"Netdev '{id}' is in use by device '{user}'");
        }

        context.Netdevs.Remove(id);
        netdev.Dispose();
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
