using System.Runtime.InteropServices;
using StratoVirt.Definitions;
using StratoVirt.Devices.Virtio.Memory;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>What the machine is and has.</summary>
internal static class MachineHandlers
{
    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        VirtualMachine machine = context.Machine;
        table.Add(MachineCommands.QueryName, _ => new NameInfo { Name = machine.Name });
        table.Add(MachineCommands.QueryKvm, _ => new KvmInfo { Enabled = true, Present = true });
        table.Add(MachineCommands.QueryTarget, _ => new TargetInfo { Arch = Architecture });
        table.Add(MachineCommands.QueryCpusFast, _ => [.. machine.VcpuThreads.Select(DescribeCpu)]);
        table.Add(MachineCommands.QueryHotpluggableCpus, _ => [.. Enumerable.Range(0, machine.Definition.Spec.Cpus).Select(DescribePlace)]);
        table.Add(MachineCommands.QueryMachines, _ => [Model]);
        table.Add(MachineCommands.QueryMemorySizeSummary, _ => new MemoryInfo
        {
            BaseMemory = machine.BaseMemory,
            PluggedMemory = machine.Devices.Select(device => device.Metrics).OfType<MemoryMetrics>()
                .Aggregate(0UL, (sum, memory) => sum + memory.PluggedBytes),
        });

        // There is no class iothread to make objects of, so there is none.
        table.Add(MachineCommands.QueryIothreads, _ => []);
    }

    private static string Architecture =>
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64";

    private static MachineInfo Model => new()
    {
        Name = "microvm",
        CpuMax = VmSpec.MaxCpus,
        HotpluggableCpus = false,
        NumaMemSupported = false,
        Deprecated = false,
        DefaultCpuType = ObjectTree.CpuType,
    };

    private static CpuInfoFast DescribeCpu(int thread, int index) => new()
    {
        CpuIndex = index,
        QomPath = ObjectTree.CpuPath(index),
        ThreadId = thread,
        Props = Place(index),
        Target = Architecture,
    };

    private static HotpluggableCpu DescribePlace(int index) => new()
    {
        Type = ObjectTree.CpuType,
        VcpusCount = 1,
        Props = Place(index),
        QomPath = ObjectTree.CpuPath(index),
    };

    // As the guest's CPUID tells it: cores of one socket, a thread each.
    private static CpuInstanceProperties Place(int index) => new() { SocketId = 0, CoreId = index, ThreadId = 0 };
}
