namespace StratoVirt.Qmp.Messages;

/// <summary>A version of QEMU, whose protocol this is.</summary>
public sealed record QmpVersionTriple
{
    /// <summary>The first number.</summary>
    public required int Major { get; init; }

    /// <summary>The second number.</summary>
    public required int Minor { get; init; }

    /// <summary>The third number.</summary>
    public required int Micro { get; init; }
}

/// <summary>What a server is.</summary>
public sealed record VersionInfo
{
    /// <summary>The version of QEMU whose commands and events these are.</summary>
    public required QmpVersionTriple Qemu { get; init; }

    /// <summary>The program that really serves, and its version.</summary>
    public required string Package { get; init; }
}
