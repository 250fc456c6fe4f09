using System.Numerics;
using StratoVirt.Kvm.X64;

namespace StratoVirt.Machine.Vcpu.X64;

/// <summary>
/// What CPUID tells the guest: what KVM supports on this host, with the topology of this machine, the timers KVM's
/// local APIC adds, and without what a light machine does not offer (nested virtualisation, a PMU).
/// </summary>
/// <remarks>Leaves: Intel SDM vol. 2A "CPUID"; AMD APM vol. 3 appendix E; KVM's own in the kernel's
/// Documentation/virt/kvm/x86/cpuid.rst.</remarks>
internal static class CpuidBuilder
{
    private const uint HypervisorLeaf = 0x4000_0000;
    private const uint KvmFeatureLeaf = 0x4000_0001;

    /// <summary>TSC and local APIC bus frequency in kHz, first defined by VMware and understood by several kernels.</summary>
    private const uint TimingLeaf = 0x4000_0010;

    /// <summary>KVM's local APIC timer counts nanoseconds: 1 GHz.</summary>
    private const uint ApicBusKilohertz = 1_000_000;

    // Flag of a leaf whose answer depends on ECX (KVM_CPUID_FLAG_SIGNIFCANT_INDEX).
    private const uint IndexMatters = 1;

    /// <summary>The CPUID answers of one vCPU.</summary>
    /// <param name="supported">What KVM supports here.</param>
    /// <param name="apicId">The vCPU's index, which is its APIC id.</param>
    /// <param name="cpus">Number of vCPUs: all cores of one package.</param>
    /// <param name="tscKilohertz">The guest's TSC frequency, or 0 when KVM does not say.</param>
    /// <param name="deadlineTimer">Whether KVM's local APIC has the TSC-deadline mode.</param>
    public static CpuidEntry[] Build(
        IReadOnlyList<CpuidEntry> supported, int apicId, int cpus, uint tscKilohertz, bool deadlineTimer)
    {
        var topology = new Topology((uint)apicId, (uint)cpus);
        var entries = new List<CpuidEntry>(supported.Count + 4);
        foreach (CpuidEntry entry in supported)
        {
            // Both extended topology leaves are built below; KVM's describe the host's.
            if (entry.Function is 0xB or 0x1F || entry.Function == TimingLeaf)
            {
                continue;
            }

            entries.Add(Adapt(entry, topology, tscKilohertz, deadlineTimer));
        }

        AddTopologyLeaves(entries, topology);
        if (tscKilohertz != 0)
        {
            entries.Add(new CpuidEntry { Function = TimingLeaf, Eax = tscKilohertz, Ebx = ApicBusKilohertz });
        }

        return [.. entries];
    }

    private static CpuidEntry Adapt(CpuidEntry entry, Topology topology, uint tscKilohertz, bool deadlineTimer)
    {
        switch (entry.Function)
        {
            case 0x1:
                // EBX: initial APIC id, logical processors, CLFLUSH line and brand kept.
                entry.Ebx = (entry.Ebx & 0xFFFF) | (Math.Min(topology.Cpus, 255) << 16) | (topology.ApicId << 24);
                entry.Ecx = WithBit(entry.Ecx, 31, true);
                entry.Ecx = WithBit(entry.Ecx, 24, deadlineTimer);
                entry.Ecx = WithBit(entry.Ecx, 5, false); // VMX
                entry.Edx = WithBit(entry.Edx, 28, topology.Cpus > 1);
                break;
            case 0x4 when (entry.Eax & 0x1F) != 0:
                AdaptCacheLeaf(ref entry, topology);
                uint cores = Math.Min(topology.Cpus, 64) - 1;
                entry.Eax = (entry.Eax & 0x03FF_FFFF) | (cores << 26);
                break;
            case 0xA:
                entry.Eax = entry.Ebx = entry.Ecx = entry.Edx = 0;
                break;
            case HypervisorLeaf:
                // EAX is the highest hypervisor leaf; some KVMs leave it zero, which means the feature leaf.
                entry.Eax = Math.Max(entry.Eax, tscKilohertz != 0 ? TimingLeaf : KvmFeatureLeaf);
                break;
            case 0x8000_0001:
                entry.Ecx = WithBit(entry.Ecx, 2, false); // SVM
                entry.Ecx = WithBit(entry.Ecx, 1, topology.Cpus > 1); // CmpLegacy: cores, not threads
                break;
            case 0x8000_0008:
                entry.Ecx = (entry.Ecx & ~0xF0FFu) | (topology.Cpus - 1) | (topology.Bits << 12);
                break;
            case 0x8000_000A:
                entry.Eax = entry.Ebx = entry.Ecx = entry.Edx = 0;
                break;
            case 0x8000_001D when (entry.Eax & 0x1F) != 0:
                AdaptCacheLeaf(ref entry, topology);
                break;
            case 0x8000_001E:
                entry.Eax = topology.ApicId;
                entry.Ebx = topology.ApicId; // core id, one thread a core
                entry.Ecx = 0;               // node 0 of 1
                break;
        }

        return entry;
    }

    // EAX[25:14] of leaf 4 and 0x8000001D: logical processors sharing the cache, less one. Levels 1 and 2 belong to
    // a core, level 3 to the package.
    private static void AdaptCacheLeaf(ref CpuidEntry entry, Topology topology)
    {
        uint level = (entry.Eax >> 5) & 7;
        uint sharing = level >= 3 ? topology.Cpus - 1 : 0;
        entry.Eax = (entry.Eax & ~0x03FF_C000u) | (sharing << 14);
    }

    private static void AddTopologyLeaves(List<CpuidEntry> entries, Topology topology)
    {
        const uint smt = 1 << 8;
        const uint core = 2 << 8;
        entries.Add(new CpuidEntry
        {
            Function = 0xB, Index = 0, Flags = IndexMatters, Eax = 0, Ebx = 1, Ecx = smt, Edx = topology.ApicId,
        });
        entries.Add(new CpuidEntry
        {
            Function = 0xB, Index = 1, Flags = IndexMatters, Eax = topology.Bits, Ebx = topology.Cpus, Ecx = core | 1, Edx = topology.ApicId,
        });
        entries.Add(new CpuidEntry
        {
            Function = 0xB, Index = 2, Flags = IndexMatters, Ecx = 2, Edx = topology.ApicId,
        });
    }

    private static uint WithBit(uint value, int bit, bool set) => set ? value | (1u << bit) : value & ~(1u << bit);

    /// <summary>One package of single-threaded cores.</summary>
    private readonly record struct Topology(uint ApicId, uint Cpus)
    {
        /// <summary>Bits of the APIC id that number the cores.</summary>
        public uint Bits => (uint)(32 - BitOperations.LeadingZeroCount(Cpus - 1));
    }
}
