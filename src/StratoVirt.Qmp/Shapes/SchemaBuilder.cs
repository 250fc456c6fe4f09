using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>
/// Answers <c>query-qmp-schema</c> in QEMU's terms (SchemaInfo of qapi/introspect.json) from the records themselves, so
/// that it says what the server does. Types that QEMU numbers keep their names here.
/// </summary>
internal sealed class SchemaBuilder
{
    private static readonly JsonElement Null = JsonSerializer.SerializeToElement(null, QmpJsonContext.Default.NullableJsonElement);

    private readonly List<SchemaInfo> _schema = [];
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, JsonTypeInfo Type)> _open = new();

    private SchemaBuilder()
    {
    }

    /// <summary>The list: commands, events, then every type they use.</summary>
    public static IReadOnlyList<SchemaInfo> Build(IEnumerable<QmpCommand> commands, IEnumerable<QmpEvent> events)
    {
        var builder = new SchemaBuilder();
        foreach (QmpCommand command in commands)
        {
            builder._schema.Add(new SchemaInfo
            {
                Name = command.Name,
                MetaType = SchemaMetaType.Command,
                ArgType = builder.Refer(command.ArgumentShape),
                RetType = builder.Refer(command.ResultShape),
            });
        }

        foreach (QmpEvent happening in events)
        {
            builder._schema.Add(new SchemaInfo
            {
                Name = happening.Name,
                MetaType = SchemaMetaType.Event,
                ArgType = builder.Refer(happening.DataShape),
            });
        }

        while (builder._open.TryDequeue(out (string Name, JsonTypeInfo Type) next))
        {
            builder._schema.Add(builder.Describe(next.Name, next.Type));
        }

        return builder._schema;
    }

    /// <summary>The name of a type, which will be described.</summary>
    private string Refer(JsonTypeInfo type)
    {
        string name = Shape.KindOf(type) switch
        {
            ShapeKind.Anything => "any",
            ShapeKind.Text => "str",
            ShapeKind.Boolean => "bool",
            ShapeKind.Integer => "int",
            ShapeKind.Number => "number",
            ShapeKind.List => $"[{Refer(Shape.ItemOf(type))}]",
            _ => Shape.NameOf(type),
        };
        if (_named.Add(name))
        {
            _open.Enqueue((name, type));
        }

        return name;
    }

    private SchemaInfo Describe(string name, JsonTypeInfo type)
    {
        ShapeKind kind = Shape.KindOf(type);
        return kind switch
        {
            ShapeKind.Object => new SchemaInfo { Name = name, MetaType = SchemaMetaType.Object, Members = DescribeMembers(type) },
            ShapeKind.List => new SchemaInfo { Name = name, MetaType = SchemaMetaType.Array, ElementType = Refer(Shape.ItemOf(type)) },
            ShapeKind.Word => new SchemaInfo
            {
                Name = name,
                MetaType = SchemaMetaType.Enum,
                Members = [.. Shape.WordsOf(type).Select(word => new SchemaMember { Name = word })],
                Values = Shape.WordsOf(type),
            },
            _ => new SchemaInfo
            {
                Name = name,
                MetaType = SchemaMetaType.Builtin,
                JsonType = kind switch
                {
                    ShapeKind.Text => "string",
                    ShapeKind.Boolean => "boolean",
                    ShapeKind.Integer => "int",
                    ShapeKind.Number => "number",
                    _ => "value",
                },
            },
        };
    }

    private List<SchemaMember> DescribeMembers(JsonTypeInfo type) =>
    [
        .. type.Properties.Where(member => !member.IsExtensionData).Select(member => new SchemaMember
        {
            Name = member.Name,
            Type = Refer(Shape.TypeOf(member)),
            Default = member.IsRequired ? null : Null,
        }),
    ];
}
