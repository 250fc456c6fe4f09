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
        table.Add(MachineCommands.QueryCpusFast, _ => DescribeCpus(machine.VcpuThreads));
        table.Add(MachineCommands.QueryHotpluggableCpus, _ => DescribePlaces(machine.Definition.Spec.Cpus));
        table.Add(MachineCommands.QueryMachines, _ => [Model]);
        table.Add(MachineCommands.QueryMemorySizeSummary, _ => new MemoryInfo
        {
            BaseMemory = machine.BaseMemory,
            PluggedMemory = CountPlugged(machine.Devices),
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

    private static CpuInfoFast[] DescribeCpus(IReadOnlyList<int> threads)
    {
        var cpus = new CpuInfoFast[threads.Count];
        for (int index = 0; index < cpus.Length; index++)
        {
            cpus[index] = new CpuInfoFast
            {
                CpuIndex = index,
                QomPath = ObjectTree.CpuPath(index),
                ThreadId = threads[index],
                Props = Place(index),
                Target = Architecture,
            };
        }

        return cpus;
    }

    private static HotpluggableCpu[] DescribePlaces(int count)
    {
        var places = new HotpluggableCpu[count];
        for (int index = 0; index < count; index++)
        {
            places[index] = new HotpluggableCpu
            {
                Type = ObjectTree.CpuType,
                VcpusCount = 1,
                Props = Place(index),
                QomPath = ObjectTree.CpuPath(index),
            };
        }

        return places;
    }

    private static ulong CountPlugged(IReadOnlyList<VmDevice> devices)
    {
        ulong bytes = 0;
        foreach (VmDevice device in devices)
        {
            bytes += device.Metrics is MemoryMetrics memory ? memory.PluggedBytes : 0;
        }

        return bytes;
    }

    // As the guest's CPUID tells it: cores of one socket, a thread each.
    private static CpuInstanceProperties Place(int index) => new() { SocketId = 0, CoreId = index, ThreadId = 0 };
}
