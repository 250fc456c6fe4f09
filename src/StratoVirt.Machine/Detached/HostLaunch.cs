using StratoVirt.Linux.Handles;

namespace StratoVirt.Machine.Detached;

/// <summary>How a host program is started.</summary>
public sealed record HostLaunch
{
    /// <summary>Its file.</summary>
    public required string Program { get; init; }

    /// <summary>What follows its name.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Become its descriptors behind <see cref="HostOrder.AnswerDescriptor"/>; still the caller's.</summary>
    public IReadOnlyList<FileDescriptor> Given { get; init; } = [];

    /// <summary>File that what it has to say is appended to.</summary>
    public required string Log { get; init; }

    /// <summary>The machine's name, for messages.</summary>
    public required string Machine { get; init; }
}
