using StratoVirt.Kvm.Abi;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using static StratoVirt.Kvm.Abi.KvmIoctl;

namespace StratoVirt.Kvm;

/// <summary><c>/dev/kvm</c>: what this host's KVM can do, and where VMs come from.</summary>
public sealed partial class KvmSystem : IDisposable
{
    /// <summary>The API version every KVM since Linux 2.6.22 reports.</summary>
    public const int StableApiVersion = KvmConstants.KVM_API_VERSION;

    private readonly FileDescriptor _fd;

    private KvmSystem(FileDescriptor fd) => _fd = fd;

    /// <summary>KVM's API version; only <see cref="StableApiVersion"/> may be used.</summary>
    public int ApiVersion => Ioctl.Invoke(_fd, KVM_GET_API_VERSION);

    /// <summary>Bytes of the region each vCPU shares with this process.</summary>
    public int VcpuMapSize => Ioctl.Invoke(_fd, KVM_GET_VCPU_MMAP_SIZE);

    /// <summary>Opens KVM.</summary>
    /// <param name="path">The device.</param>
    /// <exception cref="LinuxException"><see cref="Errno.NoEntry"/>: no KVM; <see cref="Errno.AccessDenied"/>: not for
    /// this user; <see cref="Errno.NoDevice"/>: no virtualisation on this processor.</exception>
    public static KvmSystem Open(string path = "/dev/kvm") => new(FileDescriptor.Open(path, OpenFlags.ReadWrite));

    /// <summary>What KVM answers for an extension: 0 where there is none, else 1 or the number it stands for. A VM may
    /// answer differently: see <see cref="KvmVm.CheckExtension"/>.</summary>
    public int CheckExtension(KvmCapability capability) => Ioctl.Invoke(_fd, KVM_CHECK_EXTENSION, (nint)capability);

    /// <summary>Creates a VM with neither memory nor vCPUs.</summary>
    /// <param name="type">The kind of VM: 0 on x86_64, bits of the guest physical address on aarch64.</param>
    /// <exception cref="LinuxException">KVM refused.</exception>
    public KvmVm CreateVm(nint type = 0)
    {
        int mapSize = VcpuMapSize;
        return new KvmVm(new FileDescriptor(Ioctl.Invoke(_fd, KVM_CREATE_VM, type)), mapSize);
    }

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();
}
