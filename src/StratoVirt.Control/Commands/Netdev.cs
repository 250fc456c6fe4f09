using StratoVirt.Definitions.Devices;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Control.Commands;

/// <summary>The host's side of a card that is to come.</summary>
/// <param name="options">What was said of it.</param>
/// <param name="forward">Ports forwarded to the guest, as a definition has them.</param>
/// <param name="queues">The queues of its tap, where a client has opened them; owned.</param>
internal sealed class Netdev(NetdevOptions options, string? forward, IReadOnlyList<TapDevice> queues) : IDisposable
{
    /// <summary>The card that it makes.</summary>
    /// <param name="name">The card's name.</param>
    public NetworkSpec ToSpec(string name) => options.Type == NetdevType.User
        ? new NetworkSpec { Name = name, User = true, Forward = forward }
        : new NetworkSpec
        {
            Name = name,
            Tap = queues.Count > 0 ? queues[0].Name : options.Ifname,
            TapDescriptor = queues.Count > 0 || options.Fd is null
                ? null
                : int.Parse(options.Fd, System.Globalization.CultureInfo.InvariantCulture),
            Vhost = options.Vhost ?? false,
            Queues = queues.Count > 0 ? queues.Count : options.Queues ?? 1,
        };

    /// <summary>Queues for a card, which closes them when it goes: those that are kept here are for the next. Null where
    /// the card opens its own.</summary>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public HostEnds? OpenEnds()
    {
        if (queues.Count == 0)
        {
            return null;
        }

        var copies = new List<FileDescriptor>();
        try
        {
            foreach (TapDevice queue in queues)
            {
                copies.Add(queue.Duplicate());
            }

            return new HostEnds(copies);
        }
        catch
        {
            copies.ForEach(copy => copy.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TapDevice queue in queues)
        {
            queue.Dispose();
        }
    }
}
