using StratoVirt.Qmp.Commands;

namespace StratoVirt.Qmp.Shapes;

/// <summary>
/// Answers <c>query-qmp-schema</c> in QEMU's terms (SchemaInfo of qapi/introspect.json) from the shapes themselves, so
/// that it says what the server does. Types that QEMU numbers keep their names here.
/// </summary>
internal sealed class SchemaBuilder
{
    private readonly List<SchemaInfo> _schema = [];
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private readonly Queue<Shape> _open = new();

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
                ArgType = builder.Refer(command.Arguments),
                RetType = builder.Refer(command.Result),
            });
        }

        foreach (QmpEvent happening in events)
        {
            builder._schema.Add(new SchemaInfo
            {
                Name = happening.Name,
                MetaType = SchemaMetaType.Event,
                ArgType = builder.Refer(happening.Data),
            });
        }

        while (builder._open.TryDequeue(out Shape? next))
        {
            builder._schema.Add(next.Describe(builder));
        }

        return builder._schema;
    }

    /// <summary>The name of a type, which will be described.</summary>
    public string Refer(Shape shape)
    {
        if (_named.Add(shape.Name))
        {
            _open.Enqueue(shape);
        }

        return shape.Name;
    }
}
