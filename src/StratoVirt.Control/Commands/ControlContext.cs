using StratoVirt.Control.Serving;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>What the commands work on.</summary>
/// <param name="machine">The machine.</param>
/// <param name="thread">The control thread, on which they run.</param>
/// <param name="atEnd">Keeps an answer for the machine's end.</param>
internal sealed class ControlContext(VirtualMachine machine, ControlThread thread, Action<Action> atEnd) : IDisposable
{
    /// <summary>The machine.</summary>
    public VirtualMachine Machine => machine;

    /// <summary>The control thread.</summary>
    public ControlThread Thread => thread;

    /// <summary>Images that <c>blockdev-add</c> has named.</summary>
    public BackendTable<ImageOptions> Images { get; } = new();

    /// <summary>Host's sides of cards that <c>netdev_add</c> has named.</summary>
    public BackendTable<Netdev> Netdevs { get; } = new();

    /// <summary>Host's sides of ports that <c>chardev-add</c> has named.</summary>
    public BackendTable<ChardevBackend> Chardevs { get; } = new();

    /// <summary>What came beside the command that is being carried out, while that begins; null for commands of nobody.</summary>
    public Enclosures? Enclosures { get; set; }

    /// <summary>Has something asked of the machine's own thread, and answers when it has been done.</summary>
    /// <param name="reply">The answer.</param>
    /// <param name="ask">Hands over what is to be told of the end, on any thread.</param>
    /// <param name="finish">What else to do before the answer, told of the failure or null.</param>
    public void Await(QmpReply<QmpNothing> reply, Action<Action<Exception?>> ask, Action<Exception?>? finish = null) =>
        ask(failure => thread.Post(() =>
        {
            finish?.Invoke(failure);
            if (failure is null)
            {
                reply.Return(QmpNothing.Instance);
            }
            else
            {
                reply.Fail(failure);
            }
        }));

    /// <summary>Answers when the machine has ended.</summary>
    public void AnswerAtEnd(QmpReply<QmpNothing> reply) => atEnd(() => reply.Return(QmpNothing.Instance));

    /// <summary>The device of a name, as definitions compare names; null when there is none.</summary>
    public VmDevice? FindDevice(string name) =>
        machine.Devices.FirstOrDefault(device => device.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The device of a name.</summary>
    /// <exception cref="QmpException">There is none.</exception>
    public VmDevice Device(string name) => FindDevice(name) ?? throw QmpException.NoDevice(name);

    /// <summary>What a device that is to come finds open of what it uses; null when it opens everything itself.</summary>
    public HostEnds? OpenEnds(string device) =>
        Netdevs.UsedBy(device) is { } used && Netdevs.TryFind(used, out Netdev? netdev, out _) ? netdev.OpenEnds() : null;

    /// <summary>Frees what a device that has gone was using.</summary>
    public void Release(string device)
    {
        Images.Release(device);
        Netdevs.Release(device);
        Chardevs.Release(device);
    }

    /// <summary>Closes what is kept open for devices to come.</summary>
    public void Dispose()
    {
        foreach (BackendTable<Netdev>.Entry entry in Netdevs.Entries)
        {
            entry.Options.Dispose();
        }
    }
}
