using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>Commands about the protocol and the server itself.</summary>
public static class ProtocolCommands
{
    /// <summary>Ends the negotiation that a connection begins with.</summary>
    public static QmpCommand<CapabilitiesArguments, QmpNothing> Capabilities { get; } = new(
        "qmp_capabilities", CapabilitiesArguments.Shape, QmpNothing.Shape);

    /// <summary>What the server is.</summary>
    public static QmpCommand<QmpNothing, VersionInfo> QueryVersion { get; } = new(
        "query-version", QmpNothing.Shape, VersionInfo.Shape);

    /// <summary>Its commands.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<NamedInfo>> QueryCommands { get; } = new(
        "query-commands", QmpNothing.Shape, ListShape.Of(NamedInfo.Shape));

    /// <summary>Its events. QEMU dropped it for the schema; StratoVirt has it.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<NamedInfo>> QueryEvents { get; } = new(
        "query-events", QmpNothing.Shape, ListShape.Of(NamedInfo.Shape));

    /// <summary>Everything that commands take and give and events carry.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<SchemaInfo>> QueryQmpSchema { get; } = new(
        "query-qmp-schema", QmpNothing.Shape, ListShape.Of(SchemaInfo.Shape));
}

/// <summary>A client's wishes for the connection. The server has no capability to offer.</summary>
public sealed class CapabilitiesArguments
{
    /// <summary>Capabilities to turn on.</summary>
    public IReadOnlyList<string>? Enable { get; init; }

    private static readonly ObjectShape Form = new(nameof(CapabilitiesArguments), Carry);

    internal static Shape<CapabilitiesArguments> Shape => new(Form);

    private static CapabilitiesArguments Carry(Members json, object? value)
    {
        var it = (CapabilitiesArguments?)value;
        return new CapabilitiesArguments
        {
            Enable = json.OptionalList("enable", it?.Enable, Scalars.Text),
        };
    }
}

/// <summary>A command's or an event's name.</summary>
public sealed class NamedInfo
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    private static readonly ObjectShape Form = new(nameof(NamedInfo), Carry);

    internal static Shape<NamedInfo> Shape => new(Form);

    private static NamedInfo Carry(Members json, object? value)
    {
        var it = (NamedInfo?)value;
        return new NamedInfo
        {
            Name = json.Text("name", it?.Name),
        };
    }
}
