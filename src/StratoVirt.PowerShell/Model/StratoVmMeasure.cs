namespace StratoVirt.PowerShell;

/// <summary>What a machine has done and uses at one moment.</summary>
public sealed class StratoVmMeasure
{
    /// <summary>The machine.</summary>
    public required string Name { get; init; }

    /// <summary>When it was looked at.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How long rates were measured over; zero for the first look at a machine, which has no rates.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Time since the machine was started.</summary>
    public required TimeSpan Uptime { get; init; }

    /// <summary>Each vCPU's exits, by reason.</summary>
    public required IReadOnlyList<StratoVcpuExits> VcpuExits { get; init; }

    /// <summary>Exits of all vCPUs a second.</summary>
    public required double? ExitsPerSecond { get; init; }

    /// <summary>Guest memory, in bytes.</summary>
    public required ulong GuestMemory { get; init; }

    /// <summary>Guest memory that the host has given, in bytes; null in a jail, where a machine does not see that.</summary>
    public required ulong? GuestResident { get; init; }

    /// <summary>What this whole process uses beside the memory of its guests, in bytes: all its machines and PowerShell;
    /// null in a jail.</summary>
    public required ulong? ProcessResident { get; init; }

    /// <summary>Each device's counters and rates.</summary>
    public required IReadOnlyList<StratoDeviceMeasure> Devices { get; init; }
}
