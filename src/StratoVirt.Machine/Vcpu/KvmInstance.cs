using StratoVirt.Kvm;
using StratoVirt.Kvm.X64;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Interrupts;
using StratoVirt.Machine.Vcpu.X64;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Vcpu;

/// <summary>
/// The part of a machine that lives in KVM: its VM, interrupt controllers and vCPUs with their threads. A reset
/// throws it away and makes another over the same memory and devices, which leaves no register of the old life
/// behind, whatever KVM may add in future.
/// </summary>
internal sealed class KvmInstance : IDisposable
{
    // Three pages for a real-mode TSS and one for an identity map, which VT-x without unrestricted guest needs.
    private const ulong IdentityMapAddress = Layout.KvmReserved;
    private const uint TssAddress = (uint)Layout.KvmReserved + 0x1000;

    private readonly KvmVm _vm;
    private readonly VcpuThread[] _vcpus;
    private bool _disposed;

    private KvmInstance(KvmVm vm, VcpuThread[] vcpus)
    {
        _vm = vm;
        _vcpus = vcpus;
    }

    /// <summary>The VM, for devices that come and go while it runs.</summary>
    public KvmVm Vm => _vm;

    /// <summary>The kernel's ids of the vCPUs' threads.</summary>
    public int[] ThreadIds => Array.ConvertAll(_vcpus, vcpu => vcpu.ThreadId);

    /// <summary>Makes the VM and its vCPUs, held, the first of them at the entry point.</summary>
    /// <exception cref="Linux.LinuxException">KVM refused.</exception>
    public static KvmInstance Create(KvmSystem kvm, KvmPlan plan)
    {
        KvmVm vm = kvm.CreateVm();
        var vcpus = new List<VcpuThread>(plan.Dispatchers.Count);
        try
        {
            vm.SetIdentityMapAddress(IdentityMapAddress);
            vm.SetTssAddress(TssAddress);
            vm.CreateIrqChip();
            if (plan.LegacyTimer)
            {
                vm.CreatePit2();
            }

            AddMemory(vm, plan.Memory);
            foreach (IKvmWiring wiring in plan.Wiring)
            {
                wiring.Connect(vm);
            }

            CreateVcpus(kvm, vm, plan, vcpus);
            return new KvmInstance(vm, [.. vcpus]);
        }
        catch
        {
            foreach (VcpuThread vcpu in vcpus)
            {
                vcpu.Dispose();
            }

            vm.Dispose();
            throw;
        }
    }

    /// <summary>Lets all vCPUs run.</summary>
    public void Release()
    {
        foreach (VcpuThread vcpu in _vcpus)
        {
            vcpu.Release();
        }
    }

    /// <summary>Stops all vCPUs; returns when every one is held.</summary>
    public void Hold()
    {
        foreach (VcpuThread vcpu in _vcpus)
        {
            vcpu.BeginHold();
        }

        foreach (VcpuThread vcpu in _vcpus)
        {
            vcpu.AwaitHeld();
        }
    }

    /// <summary>Tells a guest that watches its own clock that it was held on purpose, so that its watchdogs do not
    /// take the gap for a lockup. Guests without a KVM clock have nothing to be told.</summary>
    public void NoteResumed()
    {
        foreach (VcpuThread vcpu in _vcpus)
        {
            vcpu.NoteResumed();
        }
    }

    /// <summary>Ends the threads and closes everything.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (VcpuThread vcpu in _vcpus)
        {
            vcpu.BeginEnd();
        }

        foreach (VcpuThread vcpu in _vcpus)
        {
            vcpu.Dispose();
        }

        _vm.Dispose();
    }

    private static void AddMemory(KvmVm vm, GuestMemory memory)
    {
        uint slot = 0;
        foreach (GuestMemoryRegion region in memory.Regions)
        {
            vm.SetUserMemoryRegion(slot++, MemorySlotFlags.None, region.Range.Start.Value, region.Range.Length, region.HostAddress);
        }
    }

    private static void CreateVcpus(KvmSystem kvm, KvmVm vm, KvmPlan plan, List<VcpuThread> vcpus)
    {
        CpuidEntry[] supported = kvm.GetSupportedCpuid();
        bool deadlineTimer = vm.CheckExtension(KvmCapability.TscDeadlineTimer) > 0;
        for (int index = 0; index < plan.Dispatchers.Count; index++)
        {
            KvmVcpu vcpu = vm.CreateVcpu((uint)index);
            try
            {
                uint tsc = (uint)Math.Max(vcpu.GetTscKhz(), 0);
                vcpu.SetCpuid(CpuidBuilder.Build(supported, index, plan.Dispatchers.Count, tsc, deadlineTimer));
                BootRegisters.ApplyMsrs(vcpu);
                if (index == 0)
                {
                    BootRegisters.Apply(vcpu, plan.Entry);
                }

                vcpus.Add(new VcpuThread(plan, index, vcpu));
            }
            catch
            {
                vcpu.Dispose();
                throw;
            }
        }
    }
}
