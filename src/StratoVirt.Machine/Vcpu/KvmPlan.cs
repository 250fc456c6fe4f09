using StratoVirt.Linux.Threads;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Interrupts;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Vcpu;

/// <summary>What a <see cref="KvmInstance"/> is made from.</summary>
internal sealed record KvmPlan
{
    /// <summary>Name of the machine, for its threads.</summary>
    public required string Name { get; init; }

    /// <summary>Guest RAM; one memory slot a region.</summary>
    public required GuestMemory Memory { get; init; }

    /// <summary>Interrupts and doorbells to connect.</summary>
    public required IReadOnlyList<IKvmWiring> Wiring { get; init; }

    /// <summary>One dispatcher a vCPU; their number is the number of vCPUs.</summary>
    public required IReadOnlyList<ExitDispatcher> Dispatchers { get; init; }

    /// <summary>Where the first vCPU begins.</summary>
    public required EntryPoint Entry { get; init; }

    /// <summary>Whether to have an i8254 timer: guests that know no ACPI look for one.</summary>
    public bool LegacyTimer { get; init; }

    /// <summary>Told of a fault, on the vCPU's thread, which holds itself then.</summary>
    public required Action<VcpuFault> Faulted { get; init; }

    /// <summary>Told by each vCPU's thread what it is for; null where nobody asks.</summary>
    public IThreadGuard? Guard { get; init; }
}
