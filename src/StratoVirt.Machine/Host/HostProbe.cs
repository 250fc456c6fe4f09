using System.Collections.Immutable;
using StratoVirt.Definitions;
using StratoVirt.Kvm;
using StratoVirt.Linux;

namespace StratoVirt.Machine.Host;

/// <summary>Looks at the host without changing it.</summary>
public static class HostProbe
{
    /// <summary>Reports what the host offers. Never throws for a missing or unusable KVM: that is what it reports.</summary>
    public static HostReport Inspect(MachineEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ProcessorInfo processor = ProcessorInfo.Read();
        HostMemory memory = HostMemory.Read();
        KvmFindings kvm = Probe(environment.KvmDevice, processor);
        (string meaning, string action) = Explain(kvm, environment.KvmDevice);
        return new HostReport(
            kvm.Kind,
            kvm.Kind is KvmKind.Vmx or KvmKind.Svm && kvm.Missing.IsEmpty,
            kvm.ApiVersion,
            kvm.MaxVcpus,
            processor.Vendor,
            processor.Model,
            Environment.ProcessorCount,
            memory.Total,
            memory.Available,
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            kvm.Missing,
            meaning,
            action);
    }

    private static KvmFindings Probe(string device, ProcessorInfo processor)
    {
        try
        {
            using KvmSystem kvm = KvmSystem.Open(device);
            return new KvmFindings(
                KindOf(processor),
                kvm.ApiVersion,
                Math.Min(kvm.CheckExtension(KvmCapability.MaxVcpus), VmSpec.MaxCpus),
                KvmRequirements.MissingFrom(kvm));
        }
        catch (LinuxException refused)
        {
            KvmKind kind = refused.Errno is Errno.AccessDenied or Errno.NotPermitted ? KvmKind.NoPermission : KvmKind.None;
            return new KvmFindings(kind, 0, 0, []);
        }
    }

    // The module that registered with KVM says which kind it is; processor flags alone do not, because a guest of
    // another hypervisor may lack them and still have a software KVM.
    private static KvmKind KindOf(ProcessorInfo processor)
    {
        if (Directory.Exists("/sys/module/kvm_pvm"))
        {
            return KvmKind.Pvm;
        }

        if (processor.Flags.Contains("vmx") || Directory.Exists("/sys/module/kvm_intel"))
        {
            return KvmKind.Vmx;
        }

        if (processor.Flags.Contains("svm") || Directory.Exists("/sys/module/kvm_amd"))
        {
            return KvmKind.Svm;
        }

        return KvmKind.Unknown;
    }

    private static (string Meaning, string Action) Explain(KvmFindings kvm, string device) => kvm switch
    {
        { Kind: KvmKind.None } => (
            $"There is no usable {device}: no machine can be started on this host.",
            "Load the module for your processor (modprobe kvm_intel or kvm_amd); inside a virtual machine, enable nested virtualisation; in a container, pass the device through."),
        { Kind: KvmKind.NoPermission } => (
            $"{device} exists, but this user may not open it.",
            "Add the user to the group that owns the device (usually: sudo usermod -aG kvm $USER) and log in again."),
        { Missing.IsEmpty: false } => (
            $"This host's KVM lacks what the machine needs: {string.Join(", ", kvm.Missing)}.",
            "Run a newer kernel on the host."),
        { Kind: KvmKind.Pvm } => (
            "This KVM works without hardware support. Guest user mode runs at full speed; guest kernel mode is interpreted, and unmodified Linux kernels do not boot. The built-in guest runs.",
            "For Linux guests use a host with VT-x or AMD-V."),
        { Kind: KvmKind.Unknown } => (
            "KVM is there, but neither VT-x nor AMD-V could be recognised. Stock kernels may or may not boot.",
            "Boot a guest to find out."),
        _ => ("Hardware virtualisation works; stock Linux kernels run at full speed.", string.Empty),
    };

    private sealed record KvmFindings(KvmKind Kind, int ApiVersion, int MaxVcpus, ImmutableArray<string> Missing);
}
