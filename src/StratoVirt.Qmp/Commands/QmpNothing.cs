using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>An empty object: no arguments, or no result.</summary>
public sealed class QmpNothing
{
    /// <summary>The one there need be.</summary>
    public static QmpNothing Instance { get; } = new();

    private static readonly ObjectShape Form = new(nameof(QmpNothing), Carry);

    internal static Shape<QmpNothing> Shape => new(Form);

    private static QmpNothing Carry(Members json, object? value) => Instance;
}
