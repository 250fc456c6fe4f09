using StratoVirt.Definitions.Devices;
using StratoVirt.Devices.Virtio.Console;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>The host's side of consoles and ports.</summary>
internal static class CharacterHandlers
{
    private const string Serial = "serial0";

    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        table.Add(CharacterCommands.ChardevAdd, arguments => AddChardev(context, arguments));
        table.Add(CharacterCommands.ChardevRemove, arguments => RemoveChardev(context, arguments.Id));
        table.Add(CharacterCommands.QueryChardev, _ => Describe(context));
    }

    /// <summary>The port that a host's side makes.</summary>
    public static ConsolePortSpec ToSpec(string name, bool console, ChardevBackend host) => new()
    {
        Name = name,
        Console = console,
        Socket = host.Data.Addr?.Data.Path,
        File = host.Data.Out,
        Pipe = host.Data.Device,
    };

    private static QmpNothing AddChardev(ControlContext context, ChardevAddArguments arguments)
    {
        (ChardevKind kind, ChardevData data) = (arguments.Backend.Type, arguments.Backend.Data);
        Require("addr", data.Addr is not null, kind == ChardevKind.Socket);
        Require("out", data.Out is not null, kind == ChardevKind.File);
        Require("device", data.Device is not null, kind == ChardevKind.Pipe);
        Allow("server", data.Server, kind == ChardevKind.Socket, false, "sockets listen here");
        Allow("wait", data.Wait, kind == ChardevKind.Socket, true, "nobody waits for a client");
        Allow("append", data.Append, kind == ChardevKind.File, false, "files are appended to");
        return arguments.Id != Serial && context.Chardevs.TryAdd(arguments.Id, arguments.Backend)
            ? QmpNothing.Instance
            : throw QmpException.Generic($"Chardev with id '{arguments.Id}' already exists");
    }

    private static QmpNothing RemoveChardev(ControlContext context, string id)
    {
        if (!context.Chardevs.TryFind(id, out _, out string? user))
        {
            throw QmpException.Generic($"Chardev '{id}' not found");
        }

        if (user is not null)
        {
            throw QmpException.Generic($"Chardev '{id}' is busy");
        }

        context.Chardevs.Remove(id);
        return QmpNothing.Instance;
    }

    private static List<ChardevInfo> Describe(ControlContext context)
    {
        var found = new List<ChardevInfo> { new() { Label = Serial, Filename = "ringbuf", FrontendOpen = true } };
        foreach (VmDevice device in context.Machine.Devices)
        {
            if (device.Spec is ConsolePortSpec)
            {
                found.Add(Describe(context, device));
            }
        }

        foreach (BackendTable<ChardevBackend>.Entry entry in context.Chardevs.Entries)
        {
            if (entry.User is null)
            {
                string filename = FilenameOf(ToSpec(entry.Name, false, entry.Options));
                found.Add(new ChardevInfo { Label = entry.Name, Filename = filename, FrontendOpen = false });
            }
        }

        return found;
    }

    private static ChardevInfo Describe(ControlContext context, VmDevice port) => new()
    {
        Label = context.Chardevs.UsedBy(port.Name) ?? port.Name,
        Filename = FilenameOf((ConsolePortSpec)port.Spec),
        FrontendOpen = port.Metrics is ConsolePortStatus { IsGuestOpen: true },
    };

    private static string FilenameOf(ConsolePortSpec port) => port switch
    {
        { Socket: { } path } => $"unix:{path},server=on",
        { File: not null } => "file",
        { Pipe: not null } => "pipe",
        _ => "ringbuf",
    };

    private static void Require(string name, bool isGiven, bool isNeeded)
    {
        if (isGiven != isNeeded)
        {
            throw QmpException.Generic($"Parameter 'backend.data.{name}' is {(isGiven ? "unexpected" : "missing")}");
        }
    }

    private static void Allow(string name, bool? given, bool isKnown, bool refused, string reason)
    {
        if (given is not null && !isKnown)
        {
            throw QmpException.Generic($"Parameter 'backend.data.{name}' is unexpected");
        }

        if (given == refused)
        {
            throw QmpException.Generic($"Parameter 'backend.data.{name}' does not accept value '{(refused ? "true" : "false")}': {reason}");
        }
    }
}
