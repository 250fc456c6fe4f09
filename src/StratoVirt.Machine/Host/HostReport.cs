using System.Collections.Immutable;

namespace StratoVirt.Machine.Host;

/// <summary>What kind of KVM a host has.</summary>
public enum KvmKind
{
    /// <summary>No /dev/kvm.</summary>
    None,
    /// <summary>/dev/kvm may not be opened by this user.</summary>
    NoPermission,
    /// <summary>Intel VT-x.</summary>
    Vmx,
    /// <summary>AMD-V.</summary>
    Svm,
    /// <summary>Pagetable-based KVM without hardware support: guest kernels are interpreted.</summary>
    Pvm,
    /// <summary>KVM is there, its kind could not be told.</summary>
    Unknown,
}

/// <summary>What this host offers a machine.</summary>
/// <param name="Kind">The kind of KVM.</param>
/// <param name="RunsUnmodifiedKernels">Whether stock kernels can be expected to run.</param>
/// <param name="ApiVersion">KVM's API version, 12, or 0 when it could not be opened.</param>
/// <param name="MaxVcpus">Most vCPUs a machine can have.</param>
/// <param name="ProcessorVendor">CPUID vendor string.</param>
/// <param name="ProcessorModel">Model name.</param>
/// <param name="Processors">Processors online.</param>
/// <param name="TotalMemory">Host memory in bytes.</param>
/// <param name="AvailableMemory">Host memory available in bytes.</param>
/// <param name="KernelRelease">Host kernel release.</param>
/// <param name="MissingCapabilities">KVM capabilities the machine needs and the host lacks.</param>
/// <param name="Meaning">What follows from all this, in a sentence or two.</param>
/// <param name="RecommendedAction">What to do about it, or empty.</param>
public sealed record HostReport(
    KvmKind Kind,
    bool RunsUnmodifiedKernels,
    int ApiVersion,
    int MaxVcpus,
    string ProcessorVendor,
    string ProcessorModel,
    int Processors,
    ulong TotalMemory,
    ulong AvailableMemory,
    string KernelRelease,
    ImmutableArray<string> MissingCapabilities,
    string Meaning,
    string RecommendedAction);
