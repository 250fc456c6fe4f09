using StratoVirt.Qmp.Messages;

namespace StratoVirt.Qmp.Commands;

/// <summary>Commands about the protocol and the server itself.</summary>
public static class ProtocolCommands
{
    /// <summary>Ends the negotiation that a connection begins with.</summary>
    public static QmpCommand<CapabilitiesArguments, QmpNothing> Capabilities { get; } = new(
        "qmp_capabilities", () => QmpJsonContext.Default.CapabilitiesArguments, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>What the server is.</summary>
    public static QmpCommand<QmpNothing, VersionInfo> QueryVersion { get; } = new(
        "query-version", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.VersionInfo);

    /// <summary>Its commands.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<NamedInfo>> QueryCommands { get; } = new(
        "query-commands", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListNamedInfo);

    /// <summary>Its events. QEMU dropped it for the schema; StratoVirt has it.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<NamedInfo>> QueryEvents { get; } = new(
        "query-events", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListNamedInfo);

    /// <summary>Everything that commands take and give and events carry.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<SchemaInfo>> QueryQmpSchema { get; } = new(
        "query-qmp-schema", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListSchemaInfo);
}

/// <summary>A client's wishes for the connection. The server has no capability to offer.</summary>
public sealed record CapabilitiesArguments
{
    /// <summary>Capabilities to turn on.</summary>
    public IReadOnlyList<string>? Enable { get; init; }
}

/// <summary>A command's or an event's name.</summary>
public sealed record NamedInfo
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }
}
