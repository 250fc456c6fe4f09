using StratoVirt.Linux.Threads;
using StratoVirt.Machine.Boot;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Machine;

/// <summary>What a machine takes from the host it runs on, apart from its definition. Tests replace parts of it.</summary>
public sealed record MachineEnvironment
{
    /// <summary>Path of the KVM device.</summary>
    public string KvmDevice { get; init; } = "/dev/kvm";

    /// <summary>Where the machine's lock, pid and console log live while it runs; null runs it without any, unlocked.</summary>
    public RuntimeDirectory? Runtime { get; init; }

    /// <summary>Directory in which unpacked kernels are cached, or null to unpack each time.</summary>
    public string? KernelCache { get; init; }

    /// <summary>Told by each of the machine's threads what it is for, before it does anything for the guest; null in a
    /// process that has other things to do.</summary>
    public IThreadGuard? ThreadGuard { get; init; }

    /// <summary>The kernel, opened and unpacked by somebody else, in place of the definition's path; null opens that.
    /// The machine takes it over.</summary>
    public OpenKernel? Kernel { get; init; }

    /// <summary>What devices need of the host, opened by somebody else, by their names; the others' is opened. The machine
    /// takes it over.</summary>
    public IReadOnlyDictionary<string, HostEnds> Ends { get; init; } = new Dictionary<string, HostEnds>();

    /// <summary>Directory against which relative paths in the definition are resolved.</summary>
    public string BaseDirectory { get; init; } = Environment.CurrentDirectory;
}
