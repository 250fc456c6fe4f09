using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>The memory balloon.</summary>
public static class BalloonCommands
{
    /// <summary>Asks the guest to make do with so much memory.</summary>
    public static QmpCommand<BalloonArguments, QmpNothing> Balloon { get; } = new(
        "balloon", BalloonArguments.Shape, QmpNothing.Shape);

    /// <summary>What it makes do with.</summary>
    public static QmpCommand<QmpNothing, BalloonInfo> QueryBalloon { get; } = new(
        "query-balloon", QmpNothing.Shape, BalloonInfo.Shape);
}

/// <summary>What a guest is to make do with.</summary>
public sealed class BalloonArguments
{
    /// <summary>Bytes of memory left to it.</summary>
    public required long Value { get; init; }

    private static readonly ObjectShape Form = new(nameof(BalloonArguments), Carry);

    internal static Shape<BalloonArguments> Shape => new(Form);

    private static BalloonArguments Carry(Members json, object? value)
    {
        var it = (BalloonArguments?)value;
        return new BalloonArguments
        {
            Value = json.Int64("value", it?.Value),
        };
    }
}

/// <summary>What a guest makes do with.</summary>
public sealed class BalloonInfo
{
    /// <summary>Bytes of memory left to it.</summary>
    public required ulong Actual { get; init; }

    private static readonly ObjectShape Form = new(nameof(BalloonInfo), Carry);

    internal static Shape<BalloonInfo> Shape => new(Form);

    private static BalloonInfo Carry(Members json, object? value)
    {
        var it = (BalloonInfo?)value;
        return new BalloonInfo
        {
            Actual = json.UInt64("actual", it?.Actual),
        };
    }
}
