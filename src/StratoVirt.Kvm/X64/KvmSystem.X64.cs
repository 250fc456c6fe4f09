using StratoVirt.Kvm.Abi;
using StratoVirt.Kvm.Abi.X64;
using StratoVirt.Kvm.X64;
using StratoVirt.Linux;
using static StratoVirt.Kvm.Abi.X64.KvmIoctlX64;

namespace StratoVirt.Kvm;

public sealed partial class KvmSystem
{
    // KVM_MAX_CPUID_ENTRIES is 256 today; a kernel that says "too small" beyond this is not believed.
    private const int FirstCpuidCapacity = 256;
    private const int MaxCpuidCapacity = 4096;
    private const int MaxMsrIndexes = 65536;

    /// <summary>The CPUID leaves this host and its KVM can give a guest. Topology, APIC ids and frequencies in it are
    /// those of whichever host processor answered: replace them.</summary>
    /// <exception cref="LinuxException">KVM refused.</exception>
    public CpuidEntry[] GetSupportedCpuid() => ReadCpuid(_fd, KVM_GET_SUPPORTED_CPUID, nameof(KVM_GET_SUPPORTED_CPUID));

    /// <summary>Numbers of the MSRs that make up a vCPU's state, for saving and restoring it.</summary>
    /// <exception cref="LinuxException">KVM refused.</exception>
    public uint[] GetMsrIndexes() => ReadMsrIndexes(KVM_GET_MSR_INDEX_LIST, nameof(KVM_GET_MSR_INDEX_LIST));

    /// <summary>Numbers of the MSRs that say what the host offers; read them with <see cref="GetFeatureMsrs"/>.</summary>
    /// <exception cref="LinuxException">KVM refused.</exception>
    public uint[] GetFeatureMsrIndexes() =>
        ReadMsrIndexes(KVM_GET_MSR_FEATURE_INDEX_LIST, nameof(KVM_GET_MSR_FEATURE_INDEX_LIST));

    /// <summary>Reads feature MSRs of the host.</summary>
    /// <param name="entries">Indexes to read; values are filled in.</param>
    /// <returns>Entries read, from the start; the one after them was refused.</returns>
    public int GetFeatureMsrs(Span<MsrEntry> entries) => MsrTransfer.Get(_fd, entries);

    internal static CpuidEntry[] ReadCpuid(Linux.Handles.FileDescriptor fd, uint request, string name)
    {
        for (int capacity = FirstCpuidCapacity; ; capacity *= 2)
        {
            var list = new FlexibleArray<kvm_cpuid2, CpuidEntry>(new kvm_cpuid2 { nent = (uint)capacity }, capacity);
            Errno errno = Ioctl.TryInvoke(fd, request, ref list.Bytes, out _);
            if (errno == Errno.None)
            {
                return list.Entries[..checked((int)list.Head.nent)].ToArray();
            }

            if (errno != Errno.TooBig || capacity >= MaxCpuidCapacity)
            {
                throw new LinuxException(name, errno);
            }
        }
    }

    private uint[] ReadMsrIndexes(uint request, string name)
    {
        int capacity = 0;
        while (true)
        {
            var list = new FlexibleArray<kvm_msr_list, uint>(new kvm_msr_list { nmsrs = (uint)capacity }, capacity);
            Errno errno = Ioctl.TryInvoke(_fd, request, ref list.Bytes, out _);
            if (errno == Errno.None)
            {
                return list.Entries[..checked((int)list.Head.nmsrs)].ToArray();
            }

            // "Too small" comes with the number there is, so the second call fits.
            uint needed = list.Head.nmsrs;
            if (errno != Errno.TooBig || needed <= capacity || needed > MaxMsrIndexes)
            {
                throw new LinuxException(name, errno);
            }

            capacity = (int)needed;
        }
    }
}
