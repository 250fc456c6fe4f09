using System.Collections.Immutable;

namespace StratoVirt.Devices.Virtio.Console;

/// <summary>What a snapshot keeps of a console device. Bytes under way are in the guest's queues or at the host ends.</summary>
public sealed record ConsoleState
{
    /// <summary>The version this program writes and reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Whether the driver listens to control messages.</summary>
    public bool IsDriverReady { get; init; }

    /// <summary>Columns of port 0; zero when no size is known.</summary>
    public ushort Columns { get; init; }

    /// <summary>Rows of port 0.</summary>
    public ushort Rows { get; init; }

    /// <summary>The ports the driver knows, or is about to learn of.</summary>
    public ImmutableArray<ConsolePortState> Ports { get; init; } = [];
}

/// <summary>What a snapshot keeps of one port.</summary>
public sealed record ConsolePortState
{
    /// <summary>Its number.</summary>
    public int Number { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Whether it is a terminal.</summary>
    public bool IsConsole { get; init; }

    /// <summary>Whether the driver has been told of it.</summary>
    public bool IsAnnounced { get; init; }

    /// <summary>Whether the driver has accepted it.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether a program of the guest has it open.</summary>
    public bool IsGuestOpen { get; init; }

    /// <summary>Whether the driver believes that somebody is at the host end.</summary>
    public bool IsToldOpen { get; init; }

    /// <summary>What the driver has not been told yet.</summary>
    public byte News { get; init; }

    /// <summary>Bytes of the oldest waiting output that the host end has taken already.</summary>
    public uint TransmitOffset { get; init; }
}
