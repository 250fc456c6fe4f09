using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>Descriptors that a client opens, hands over beside a command (SCM_RIGHTS) and calls by names.</summary>
public static class DescriptorCommands
{
    /// <summary>Gives the descriptor that comes with it a name; one that had the name is closed.</summary>
    public static QmpCommand<DescriptorName, QmpNothing> GetFd { get; } = new(
        "getfd", DescriptorName.Shape, QmpNothing.Shape);

    /// <summary>Closes one that nothing has taken.</summary>
    public static QmpCommand<DescriptorName, QmpNothing> CloseFd { get; } = new(
        "closefd", DescriptorName.Shape, QmpNothing.Shape);
}

/// <summary>A client's name for a descriptor.</summary>
public sealed class DescriptorName
{
    /// <summary>The name; it does not begin with a digit.</summary>
    public required string Fdname { get; init; }

    private static readonly ObjectShape Form = new(nameof(DescriptorName), Carry);

    internal static Shape<DescriptorName> Shape => new(Form);

    private static DescriptorName Carry(Members json, object? value)
    {
        var it = (DescriptorName?)value;
        return new DescriptorName
        {
            Fdname = json.Text("fdname", it?.Fdname),
        };
    }
}
