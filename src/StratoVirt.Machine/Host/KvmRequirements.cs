using System.Collections.Immutable;
using StratoVirt.Kvm;

namespace StratoVirt.Machine.Host;

/// <summary>The KVM capabilities without which no machine of ours can run.</summary>
internal static class KvmRequirements
{
    private static readonly (KvmCapability Capability, string Name)[] Required =
    [
        (KvmCapability.IrqChip, "KVM_CAP_IRQCHIP"),
        (KvmCapability.UserMemory, "KVM_CAP_USER_MEMORY"),
        (KvmCapability.IrqFd, "KVM_CAP_IRQFD"),
        (KvmCapability.IoEventFd, "KVM_CAP_IOEVENTFD"),
        (KvmCapability.ImmediateExit, "KVM_CAP_IMMEDIATE_EXIT"),
        (KvmCapability.ExtendedCpuid, "KVM_CAP_EXT_CPUID"),
        (KvmCapability.MpState, "KVM_CAP_MP_STATE"),
    ];

    /// <summary>Those the host lacks, by the kernel's names.</summary>
    public static ImmutableArray<string> MissingFrom(KvmSystem kvm)
    {
        ImmutableArray<string>.Builder missing = ImmutableArray.CreateBuilder<string>();
        foreach ((KvmCapability capability, string name) in Required)
        {
            if (kvm.CheckExtension(capability) <= 0)
            {
                missing.Add(name);
            }
        }

        return missing.ToImmutable();
    }
}
