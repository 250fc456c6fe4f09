using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>All commands of a machine's control socket, and its errors in QMP's terms.</summary>
internal static class CommandSet
{
    // The QEMU whose schema the commands follow: what clients decide by.
    private static readonly QmpVersionTriple Followed = new() { Major = 7, Minor = 2, Micro = 0 };

    /// <summary>The table for one machine.</summary>
    public static QmpCommandTable Create(ControlContext context)
    {
        var table = new QmpCommandTable(new VersionInfo { Qemu = Followed, Package = Package }, Translate);
        LifecycleHandlers.Add(table, context);
        MachineHandlers.Add(table, context);
        DeviceHandlers.Add(table, context);
        ObjectTree.Add(table, context);
        BlockHandlers.Add(table, context);
        DescriptorHandlers.Add(table, context);
        NetworkHandlers.Add(table, context);
        CharacterHandlers.Add(table, context);
        BalloonHandlers.Add(table, context);
        VendorHandlers.Add(table, context);
        ConsoleHandlers.Add(table, context);
        foreach (QmpEvent happening in QmpEvents.All)
        {
            table.Add(happening);
        }

        return table;
    }

    private static string Package
    {
        get
        {
            string version = typeof(CommandSet).Assembly.GetName().Version?.ToString(3) ?? "0";
            return $"StratoVirt for PowerShell {version}";
        }
    }

    private static QmpException? Translate(Exception failure) => failure switch
    {
        MachineException machine => new QmpException(
            machine.Id == MachineErrorId.DeviceUnknown ? QmpErrorClass.DeviceNotFound : QmpErrorClass.GenericError, machine.Message, machine)
        {
            Id = machine.Id.ToString(),
            RecommendedAction = machine.RecommendedAction,
        },
        DefinitionException definition => new QmpException(
            QmpErrorClass.GenericError, string.Join(' ', Listing.Of(definition.Diagnostics, found => found.Message)), definition)
        {
            Id = definition.Id.ToString(),
        },
        _ => null,
    };
}
