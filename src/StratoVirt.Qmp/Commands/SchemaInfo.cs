using System.Text.Json;
using System.Text.Json.Serialization;

namespace StratoVirt.Qmp.Commands;

/// <summary>What an entry of the schema describes.</summary>
[JsonConverter(typeof(KebabWords<SchemaMetaType>))]
public enum SchemaMetaType
{
    /// <summary>A predefined type.</summary>
    Builtin,
    /// <summary>A set of words.</summary>
    Enum,
    /// <summary>A list.</summary>
    Array,
    /// <summary>An object.</summary>
    Object,
    /// <summary>A command.</summary>
    Command,
    /// <summary>An event.</summary>
    Event,
}

/// <summary>One entry of the schema: a command, an event or a type.</summary>
public sealed record SchemaInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required SchemaMetaType MetaType { get; init; }

    /// <summary>Of a builtin: how JSON has it.</summary>
    public string? JsonType { get; init; }

    /// <summary>Of an array: the type of its items.</summary>
    public string? ElementType { get; init; }

    /// <summary>Of an object or an enumeration: what it holds.</summary>
    public IReadOnlyList<SchemaMember>? Members { get; init; }

    /// <summary>Of an enumeration: its words.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Of a command or an event: the type of what it carries.</summary>
    public string? ArgType { get; init; }

    /// <summary>Of a command: the type of its result.</summary>
    public string? RetType { get; init; }
}

/// <summary>A member of an object, or a word of an enumeration.</summary>
public sealed record SchemaMember
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Of an object's member: its type.</summary>
    public string? Type { get; init; }

    /// <summary>JSON's null where the member can be left out.</summary>
    public JsonElement? Default { get; init; }
}
