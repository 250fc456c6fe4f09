namespace StratoVirt.Qmp.Commands;

/// <summary>The memory balloon.</summary>
public static class BalloonCommands
{
    /// <summary>Asks the guest to make do with so much memory.</summary>
    public static QmpCommand<BalloonArguments, QmpNothing> Balloon { get; } = new(
        "balloon", () => QmpJsonContext.Default.BalloonArguments, () => QmpJsonContext.Default.QmpNothing);

    /// <summary>What it makes do with.</summary>
    public static QmpCommand<QmpNothing, BalloonInfo> QueryBalloon { get; } = new(
        "query-balloon", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.BalloonInfo);
}

/// <summary>What a guest is to make do with.</summary>
public sealed record BalloonArguments
{
    /// <summary>Bytes of memory left to it.</summary>
    public required long Value { get; init; }
}

/// <summary>What a guest makes do with.</summary>
public sealed record BalloonInfo
{
    /// <summary>Bytes of memory left to it.</summary>
    public required ulong Actual { get; init; }
}
