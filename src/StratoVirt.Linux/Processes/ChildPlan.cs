using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Processes;

/// <summary>What a program is started with.</summary>
public sealed record ChildPlan
{
    /// <summary>Its file; without a slash, one on PATH.</summary>
    public required string Path { get; init; }

    /// <summary>What follows its name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Become its descriptors <see cref="ChildProcess.GivenDescriptor"/> and upward; still the caller's here.</summary>
    public IReadOnlyList<FileDescriptor> Given { get; init; } = [];

    /// <summary>Receives what it prints; still the caller's here. It reads an empty standard input.</summary>
    public required FileDescriptor Output { get; init; }

    /// <summary>Makes it leader of a session of its own, which no terminal's end reaches (setsid); else it leads a
    /// process group.</summary>
    public bool OwnSession { get; init; }

    /// <summary>Its environment, <c>NAME=VALUE</c> each; null gives it this process's.</summary>
    public IReadOnlyList<string>? Environment { get; init; }
}
