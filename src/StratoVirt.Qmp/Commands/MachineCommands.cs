using StratoVirt.Qmp.Shapes;

namespace StratoVirt.Qmp.Commands;

/// <summary>What a machine is and has.</summary>
public static class MachineCommands
{
    /// <summary>Its name.</summary>
    public static QmpCommand<QmpNothing, NameInfo> QueryName { get; } = new(
        "query-name", QmpNothing.Shape, NameInfo.Shape);

    /// <summary>Whether KVM runs it.</summary>
    public static QmpCommand<QmpNothing, KvmInfo> QueryKvm { get; } = new(
        "query-kvm", QmpNothing.Shape, KvmInfo.Shape);

    /// <summary>The guest's architecture.</summary>
    public static QmpCommand<QmpNothing, TargetInfo> QueryTarget { get; } = new(
        "query-target", QmpNothing.Shape, TargetInfo.Shape);

    /// <summary>Its vCPUs and their threads.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<CpuInfoFast>> QueryCpusFast { get; } = new(
        "query-cpus-fast", QmpNothing.Shape, ListShape.Of(CpuInfoFast.Shape));

    /// <summary>The places of vCPUs; all are taken from the start.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<HotpluggableCpu>> QueryHotpluggableCpus { get; } = new(
        "query-hotpluggable-cpus", QmpNothing.Shape, ListShape.Of(HotpluggableCpu.Shape));

    /// <summary>The machine models there are.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<MachineInfo>> QueryMachines { get; } = new(
        "query-machines", QmpNothing.Shape, ListShape.Of(MachineInfo.Shape));

    /// <summary>Memory at start, and memory plugged in since.</summary>
    public static QmpCommand<QmpNothing, MemoryInfo> QueryMemorySizeSummary { get; } = new(
        "query-memory-size-summary", QmpNothing.Shape, MemoryInfo.Shape);

    /// <summary>Objects of class iothread. Devices here have threads of their own instead.</summary>
    public static QmpCommand<QmpNothing, IReadOnlyList<IOThreadInfo>> QueryIothreads { get; } = new(
        "query-iothreads", QmpNothing.Shape, ListShape.Of(IOThreadInfo.Shape));
}

/// <summary>A machine's name.</summary>
public sealed class NameInfo
{
    /// <summary>The name.</summary>
    public string? Name { get; init; }

    private static readonly ObjectShape Form = new(nameof(NameInfo), Carry);

    internal static Shape<NameInfo> Shape => new(Form);

    private static NameInfo Carry(Members json, object? value)
    {
        var it = (NameInfo?)value;
        return new NameInfo
        {
            Name = json.OptionalText("name", it?.Name),
        };
    }
}

/// <summary>KVM's part.</summary>
public sealed class KvmInfo
{
    /// <summary>It runs the machine.</summary>
    public required bool Enabled { get; init; }

    /// <summary>This program can use it.</summary>
    public required bool Present { get; init; }

    private static readonly ObjectShape Form = new(nameof(KvmInfo), Carry);

    internal static Shape<KvmInfo> Shape => new(Form);

    private static KvmInfo Carry(Members json, object? value)
    {
        var it = (KvmInfo?)value;
        return new KvmInfo
        {
            Enabled = json.Flag("enabled", it?.Enabled),
            Present = json.Flag("present", it?.Present),
        };
    }
}

/// <summary>A guest's architecture.</summary>
public sealed class TargetInfo
{
    /// <summary>As QEMU spells it.</summary>
    public required string Arch { get; init; }

    private static readonly ObjectShape Form = new(nameof(TargetInfo), Carry);

    internal static Shape<TargetInfo> Shape => new(Form);

    private static TargetInfo Carry(Members json, object? value)
    {
        var it = (TargetInfo?)value;
        return new TargetInfo
        {
            Arch = json.Text("arch", it?.Arch),
        };
    }
}

/// <summary>A vCPU's place in the topology.</summary>
public sealed class CpuInstanceProperties
{
    /// <summary>Its socket.</summary>
    public int? SocketId { get; init; }

    /// <summary>Its core in the socket.</summary>
    public int? CoreId { get; init; }

    /// <summary>Its thread in the core.</summary>
    public int? ThreadId { get; init; }

    private static readonly ObjectShape Form = new(nameof(CpuInstanceProperties), Carry);

    internal static Shape<CpuInstanceProperties> Shape => new(Form);

    private static CpuInstanceProperties Carry(Members json, object? value)
    {
        var it = (CpuInstanceProperties?)value;
        return new CpuInstanceProperties
        {
            SocketId = json.OptionalInt32("socket-id", it?.SocketId),
            CoreId = json.OptionalInt32("core-id", it?.CoreId),
            ThreadId = json.OptionalInt32("thread-id", it?.ThreadId),
        };
    }
}

/// <summary>A vCPU.</summary>
public sealed class CpuInfoFast
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

    private static readonly ObjectShape Form = new(nameof(CpuInfoFast), Carry);

    internal static Shape<CpuInfoFast> Shape => new(Form);

    private static CpuInfoFast Carry(Members json, object? value)
    {
        var it = (CpuInfoFast?)value;
        return new CpuInfoFast
        {
            CpuIndex = json.Int32("cpu-index", it?.CpuIndex),
            QomPath = json.Text("qom-path", it?.QomPath),
            ThreadId = json.Int32("thread-id", it?.ThreadId),
            Props = json.OptionalRecord("props", it?.Props, CpuInstanceProperties.Shape),
            Target = json.Text("target", it?.Target),
        };
    }
}

/// <summary>A place for a vCPU.</summary>
public sealed class HotpluggableCpu
{
    /// <summary>The type that fits.</summary>
    public required string Type { get; init; }

    /// <summary>vCPUs in it.</summary>
    public required int VcpusCount { get; init; }

    /// <summary>Where it is.</summary>
    public required CpuInstanceProperties Props { get; init; }

    /// <summary>The vCPU in it; null when it is empty.</summary>
    public string? QomPath { get; init; }

    private static readonly ObjectShape Form = new(nameof(HotpluggableCpu), Carry);

    internal static Shape<HotpluggableCpu> Shape => new(Form);

    private static HotpluggableCpu Carry(Members json, object? value)
    {
        var it = (HotpluggableCpu?)value;
        return new HotpluggableCpu
        {
            Type = json.Text("type", it?.Type),
            VcpusCount = json.Int32("vcpus-count", it?.VcpusCount),
            Props = json.Record("props", it?.Props, CpuInstanceProperties.Shape),
            QomPath = json.OptionalText("qom-path", it?.QomPath),
        };
    }
}

/// <summary>A machine model.</summary>
public sealed class MachineInfo
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

    private static readonly ObjectShape Form = new(nameof(MachineInfo), Carry);

    internal static Shape<MachineInfo> Shape => new(Form);

    private static MachineInfo Carry(Members json, object? value)
    {
        var it = (MachineInfo?)value;
        return new MachineInfo
        {
            Name = json.Text("name", it?.Name),
            CpuMax = json.Int32("cpu-max", it?.CpuMax),
            HotpluggableCpus = json.Flag("hotpluggable-cpus", it?.HotpluggableCpus),
            NumaMemSupported = json.Flag("numa-mem-supported", it?.NumaMemSupported),
            Deprecated = json.Flag("deprecated", it?.Deprecated),
            DefaultCpuType = json.OptionalText("default-cpu-type", it?.DefaultCpuType),
        };
    }
}

/// <summary>A machine's memory in bytes.</summary>
public sealed class MemoryInfo
{
    /// <summary>At start.</summary>
    public required ulong BaseMemory { get; init; }

    /// <summary>Plugged in.</summary>
    public ulong? PluggedMemory { get; init; }

    private static readonly ObjectShape Form = new(nameof(MemoryInfo), Carry);

    internal static Shape<MemoryInfo> Shape => new(Form);

    private static MemoryInfo Carry(Members json, object? value)
    {
        var it = (MemoryInfo?)value;
        return new MemoryInfo
        {
            BaseMemory = json.UInt64("base-memory", it?.BaseMemory),
            PluggedMemory = json.OptionalUInt64("plugged-memory", it?.PluggedMemory),
        };
    }
}

/// <summary>An object of class iothread.</summary>
public sealed class IOThreadInfo
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The kernel's id of the thread.</summary>
    public required int ThreadId { get; init; }

    private static readonly ObjectShape Form = new(nameof(IOThreadInfo), Carry);

    internal static Shape<IOThreadInfo> Shape => new(Form);

    private static IOThreadInfo Carry(Members json, object? value)
    {
        var it = (IOThreadInfo?)value;
        return new IOThreadInfo
        {
            Id = json.Text("id", it?.Id),
            ThreadId = json.Int32("thread-id", it?.ThreadId),
        };
    }
}
