using System.Text.Json;
using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>What an entry of the schema describes.</summary>
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
public sealed class SchemaInfo
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

    private static readonly ObjectShape Form = new(nameof(SchemaInfo), Carry);

    internal static Shape<SchemaInfo> Shape => new(Form);

    private static SchemaInfo Carry(Members json, object? value)
    {
        var it = (SchemaInfo?)value;
        return new SchemaInfo
        {
            Name = json.Text("name", it?.Name),
            MetaType = json.Word("meta-type", it?.MetaType, Words.SchemaMetaType),
            JsonType = json.OptionalText("json-type", it?.JsonType),
            ElementType = json.OptionalText("element-type", it?.ElementType),
            Members = json.OptionalList("members", it?.Members, SchemaMember.Shape),
            Values = json.OptionalList("values", it?.Values, Scalars.Text),
            ArgType = json.OptionalText("arg-type", it?.ArgType),
            RetType = json.OptionalText("ret-type", it?.RetType),
        };
    }
}

/// <summary>A member of an object, or a word of an enumeration.</summary>
public sealed class SchemaMember
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Of an object's member: its type.</summary>
    public string? Type { get; init; }

    /// <summary>JSON's null where the member can be left out.</summary>
    public JsonElement? Default { get; init; }

    private static readonly ObjectShape Form = new(nameof(SchemaMember), Carry);

    internal static Shape<SchemaMember> Shape => new(Form);

    private static SchemaMember Carry(Members json, object? value)
    {
        var it = (SchemaMember?)value;
        return new SchemaMember
        {
            Name = json.Text("name", it?.Name),
            Type = json.OptionalText("type", it?.Type),
            Default = json.OptionalAnything("default", it?.Default),
        };
    }
}
