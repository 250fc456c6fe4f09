namespace StratoVirt.Qmp.Commands;

/// <summary>What a machine is and has.</summary>
public static class MachineCommands
{
    /// <summary>Its name.</summary>
    public static QmpCommand<QmpNothing, NameInfo> QueryName { get; } = new(
        "query-name", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.NameInfo);

    /// <summary>Whether KVM runs it.</summary>
    public static QmpCommand<QmpNothing, KvmInfo> QueryKvm { get; } = new(
        "query-kvm", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.KvmInfo);

    /// <summary>The guest's architecture.</summary>
    public static QmpCommand<QmpNothing, TargetInfo> QueryTarget { get; } = new(
        "query-target", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.TargetInfo);

    /// <summary>Its vCPUs and their threads.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<CpuInfoFast>> QueryCpusFast { get; } = new(
        "query-cpus-fast", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListCpuInfoFast);

    /// <summary>The places of vCPUs; all are taken from the start.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<HotpluggableCpu>> QueryHotpluggableCpus { get; } = new(
        "query-hotpluggable-cpus", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListHotpluggableCpu);

    /// <summary>The machine models there are.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<MachineInfo>> QueryMachines { get; } = new(
        "query-machines", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListMachineInfo);

    /// <summary>Memory at start, and memory plugged in since.</summary>
    public static QmpCommand<QmpNothing, MemoryInfo> QueryMemorySizeSummary { get; } = new(
        "query-memory-size-summary", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.MemoryInfo);

    /// <summary>Objects of class iothread. Devices here have threads of their own instead.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<IOThreadInfo>> QueryIothreads { get; } = new(
        "query-iothreads", () => QmpJsonContext.Default.QmpNothing, () => QmpJsonContext.Default.IReadOnlyListIOThreadInfo);
}

/// <summary>A machine's name.</summary>
public sealed record NameInfo
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }
}

/// <summary>KVM's part.</summary>
public sealed record KvmInfo
{
    /// <summary>It runs the machine.</summary>
    public required bool Enabled { get; init; }

    /// <summary>This program can use it.</summary>
    public required bool Present { get; init; }
}

/// <summary>A guest's architecture.</summary>
public sealed record TargetInfo
{
    /// <summary>As QEMU spells it.</summary>
    public required string Arch { get; init; }
}

/// <summary>A vCPU's place in the topology.</summary>
public sealed record CpuInstanceProperties
{
    /// <summary>Its socket.</summary>
    public int? SocketId { get; init; }

    /// <summary>Its core in the socket.</summary>
    public int? CoreId { get; init; }

    /// <summary>Its thread in the core.</summary>
    public int? ThreadId { get; init; }
}

/// <summary>A vCPU.</summary>
public sealed record CpuInfoFast
{
    /// <summary>Its number.</summary>
    public required int CpuIndex { get; init; }

    /// <summary>Its path in the object tree.</summary>
    public required string QomPath { get; init; }

    /// <summary>The kernel's id of the thread that runs it.</summary>
    public required int ThreadId { get; init; }

    /// <summary>Its place.</summary>
    public CpuInstanceProperties? Props { get; init; }

    /// <summary>Its architecture.</summary>
    public required string Target { get; init; }
}

/// <summary>A place for a vCPU.</summary>
public sealed record HotpluggableCpu
{
    /// <summary>The type that fits.</summary>
    public required string Type { get; init; }

    /// <summary>vCPUs in it.</summary>
    public required int VcpusCount { get; init; }

    /// <summary>Where it is.</summary>
    public required CpuInstanceProperties Props { get; init; }

    /// <summary>The vCPU in it; null when it is empty.</summary>
    public string? QomPath { get; init; }
}

/// <summary>A machine model.</summary>
public sealed record MachineInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>vCPUs at most.</summary>
    public required int CpuMax { get; init; }

    /// <summary>Whether vCPUs come and go.</summary>
    public required bool HotpluggableCpus { get; init; }

    /// <summary>Whether memory can have nodes.</summary>
    public required bool NumaMemSupported { get; init; }

    /// <summary>Whether it is going to go.</summary>
    public required bool Deprecated { get; init; }

    /// <summary>The type of its vCPUs.</summary>
    public string? DefaultCpuType { get; init; }
}

/// <summary>A machine's memory in bytes.</summary>
public sealed record MemoryInfo
{
    /// <summary>At start.</summary>
    public required ulong BaseMemory { get; init; }

    /// <summary>Plugged in.</summary>
    public ulong? PluggedMemory { get; init; }
}

/// <summary>An object of class iothread.</summary>
public sealed record IOThreadInfo
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The kernel's id of the thread.</summary>
    public required int ThreadId { get; init; }
}
