using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Messages;

/// <summary>A version of QEMU, whose protocol this is.</summary>
public sealed class QmpVersionTriple
{
    /// <summary>The first number.</summary>
    public required int Major { get; init; }

    /// <summary>The second number.</summary>
    public required int Minor { get; init; }

    /// <summary>The third number.</summary>
    public required int Micro { get; init; }

    private static readonly ObjectShape Form = new(nameof(QmpVersionTriple), Carry);

    internal static Shape<QmpVersionTriple> Shape => new(Form);

    private static QmpVersionTriple Carry(Members json, object? value)
    {
        var it = (QmpVersionTriple?)value;
        return new QmpVersionTriple
        {
            Major = json.Int32("major", it?.Major),
            Minor = json.Int32("minor", it?.Minor),
            Micro = json.Int32("micro", it?.Micro),
        };
    }
}

/// <summary>What a server is.</summary>
public sealed class VersionInfo
{
    /// <summary>The version of QEMU whose commands and events these are.</summary>
    public required QmpVersionTriple Qemu { get; init; }

    /// <summary>The program that really serves, and its version.</summary>
    public required string Package { get; init; }

    private static readonly ObjectShape Form = new(nameof(VersionInfo), Carry);

    internal static Shape<VersionInfo> Shape => new(Form);

    private static VersionInfo Carry(Members json, object? value)
    {
        var it = (VersionInfo?)value;
        return new VersionInfo
        {
            Qemu = json.Record("qemu", it?.Qemu, QmpVersionTriple.Shape),
            Package = json.Text("package", it?.Package),
        };
    }
}
