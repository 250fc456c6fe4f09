using StratoVirt.Machine;

namespace StratoVirt.PowerShell.Session;

/// <summary>One look at the memory of this process, shared by all machines in it: the kernel lists a process' mappings
/// as a whole, so looking once for each machine would take the square of the time.</summary>
internal sealed class MemoryRound
{
    private readonly Lazy<Dictionary<LocalRun, MachineMemory>> _machines =
        new(() => RunningMachines.Current.Live.ToDictionary(run => run, run => run.Machine.MeasureMemory()));

    /// <summary>What this process uses beside the memory of its guests, in bytes.</summary>
    public ulong OwnResident
    {
        get
        {
            ulong all = (ulong)Environment.WorkingSet;
            return all - Math.Min(all, _machines.Value.Values.Aggregate(0UL, (sum, memory) => sum + (memory.Resident ?? 0)));
        }
    }

    /// <summary>The memory of a machine of this process; zeros when it has ended.</summary>
    public MachineMemory MemoryOf(LocalRun run) => _machines.Value.GetValueOrDefault(run);
}
