using StratoVirt.Definitions;
using StratoVirt.Machine.Host;

namespace StratoVirt.PowerShell;

/// <summary>This host, as far as it matters to a machine.</summary>
public sealed class StratoHost
{
    internal StratoHost(HostReport report, string home, string runtime)
    {
        Kvm = report.Kind switch
        {
            KvmKind.None => StratoKvmKind.None,
            KvmKind.NoPermission => StratoKvmKind.NoPermission,
            KvmKind.Vmx => StratoKvmKind.VtX,
            KvmKind.Svm => StratoKvmKind.Svm,
            KvmKind.Pvm => StratoKvmKind.Pvm,
            _ => StratoKvmKind.Unknown,
        };
        RunsUnmodifiedKernels = report.RunsUnmodifiedKernels;
        KvmApiVersion = report.ApiVersion;
        MaxCpus = Math.Min(report.MaxVcpus, VmSpec.MaxCpus);
        ProcessorVendor = report.ProcessorVendor;
        ProcessorModel = report.ProcessorModel;
        Processors = report.Processors;
        TotalMemory = report.TotalMemory;
        AvailableMemory = report.AvailableMemory;
        KernelRelease = report.KernelRelease;
        MissingCapabilities = report.MissingCapabilities.ToArray();
        Meaning = report.Meaning;
        RecommendedAction = report.RecommendedAction;
        Home = home;
        RuntimeDirectory = runtime;
    }

    /// <summary>The kind of KVM.</summary>
    public StratoKvmKind Kvm { get; }

    /// <summary>Whether stock Linux kernels can be expected to run.</summary>
    public bool RunsUnmodifiedKernels { get; }

    /// <summary>KVM's API version, 12, or 0 when it could not be opened.</summary>
    public int KvmApiVersion { get; }

    /// <summary>Most vCPUs a machine can have here.</summary>
    public int MaxCpus { get; }

    /// <summary>The processor's vendor string.</summary>
    public string ProcessorVendor { get; }

    /// <summary>The processor's model name.</summary>
    public string ProcessorModel { get; }

    /// <summary>Processors online.</summary>
    public int Processors { get; }

    /// <summary>Memory in bytes.</summary>
    public ulong TotalMemory { get; }

    /// <summary>Memory available to new machines, in bytes.</summary>
    public ulong AvailableMemory { get; }

    /// <summary>The host's kernel release.</summary>
    public string KernelRelease { get; }

    /// <summary>KVM capabilities a machine needs and this host lacks.</summary>
    public IReadOnlyList<string> MissingCapabilities { get; }

    /// <summary>What follows from all this.</summary>
    public string Meaning { get; }

    /// <summary>What to do about it; empty when there is nothing to do.</summary>
    public string RecommendedAction { get; }

    /// <summary>Root of the definition store.</summary>
    public string Home { get; }

    /// <summary>Where running machines keep locks and console logs.</summary>
    public string RuntimeDirectory { get; }
}
