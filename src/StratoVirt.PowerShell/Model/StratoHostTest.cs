namespace StratoVirt.PowerShell;

/// <summary>What <c>Test-StratoHost</c> found.</summary>
/// <param name="Passed">Whether machines run on this host.</param>
/// <param name="RunsUnmodifiedKernels">Whether stock Linux kernels can be expected to run.</param>
/// <param name="Kvm">The kind of KVM.</param>
/// <param name="Checks">Each check, in the order they were made.</param>
/// <param name="Meaning">What follows from all of them.</param>
/// <param name="RecommendedAction">What to do about it; empty when there is nothing to do.</param>
public sealed record StratoHostTest(
    bool Passed,
    bool RunsUnmodifiedKernels,
    StratoKvmKind Kvm,
    IReadOnlyList<StratoHostCheck> Checks,
    string Meaning,
    string RecommendedAction);
