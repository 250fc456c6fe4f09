using StratoVirt.Kvm.Abi;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using static StratoVirt.Kvm.Abi.KvmIoctl;

namespace StratoVirt.Kvm;

/// <summary>A virtual machine of KVM. Thread-safe, as the kernel's object is.</summary>
/// <remarks>The kernel keeps the VM until the last vCPU's descriptor is closed too.</remarks>
public sealed partial class KvmVm : IDisposable
{
    private readonly FileDescriptor _fd;
    private readonly int _vcpuMapSize;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, ulong> _slotSizes = [];

    internal KvmVm(FileDescriptor fd, int vcpuMapSize)
    {
        _fd = fd;
        _vcpuMapSize = vcpuMapSize;
    }

    /// <summary>What KVM answers for an extension, for this VM.</summary>
    public int CheckExtension(KvmCapability capability) => Ioctl.Invoke(_fd, KVM_CHECK_EXTENSION, (nint)capability);

    /// <summary>Switches an optional behaviour on.</summary>
    /// <param name="capability">Which.</param>
    /// <param name="arguments">Up to four numbers, as the capability defines them.</param>
    /// <exception cref="LinuxException">KVM does not know it, or it comes too late.</exception>
    public void EnableCapability(KvmCapability capability, params ReadOnlySpan<ulong> arguments)
    {
        var enable = new kvm_enable_cap { cap = (uint)capability };
        arguments.CopyTo(enable.args);
        Ioctl.Invoke(_fd, KVM_ENABLE_CAP, ref enable);
    }

    /// <summary>Lays a piece of this process's memory into the guest's; replaces the slot if there is one.</summary>
    /// <param name="slot">Number of the slot.</param>
    /// <param name="flags">How it behaves.</param>
    /// <param name="guestAddress">Guest physical address, page aligned.</param>
    /// <param name="size">Bytes, page aligned; 0 removes the slot.</param>
    /// <param name="hostAddress">Host virtual address (HVA), page aligned. The mapping must stay until the slot is
    /// removed or the VM and its vCPUs are disposed.</param>
    /// <exception cref="LinuxException">Overlaps another slot, is misaligned, or is one slot too many.</exception>
    public void SetUserMemoryRegion(uint slot, MemorySlotFlags flags, ulong guestAddress, ulong size, nint hostAddress)
    {
        var region = new kvm_userspace_memory_region
        {
            slot = slot,
            flags = (uint)flags,
            guest_phys_addr = guestAddress,
            memory_size = size,
            userspace_addr = (ulong)hostAddress,
        };
        lock (_gate)
        {
            Ioctl.Invoke(_fd, KVM_SET_USER_MEMORY_REGION, ref region);
            _slotSizes[slot] = size;
        }
    }

    /// <summary>Takes the log of pages written since it was last taken, and clears it.</summary>
    /// <param name="slot">A slot with <see cref="MemorySlotFlags.LogDirtyPages"/>.</param>
    /// <param name="bitmap">One bit for each page, 64 to a word, the lowest page first; large enough for the slot.</param>
    /// <exception cref="LinuxException">The slot does not exist or keeps no log.</exception>
    public unsafe void GetDirtyLog(uint slot, Span<ulong> bitmap)
    {
        lock (_gate)
        {
            ulong pages = _slotSizes.GetValueOrDefault(slot) / (ulong)Environment.SystemPageSize;
            ulong words = (pages + 63) / 64;
            if ((ulong)bitmap.Length < words)
            {
                throw new ArgumentException(
                    $"The dirty log of memory slot {slot} takes {words} words of 64 pages; the bitmap has {bitmap.Length}.",
                    nameof(bitmap));
            }

            // SAFETY: KVM writes one bit for each page of the slot, rounded up to whole words. The slot's size is the
            // one this object set last, under the same lock, and the bitmap has been checked against it.
            fixed (ulong* words64 = bitmap)
            {
                var log = new kvm_dirty_log { slot = slot, dirty_bitmap = (nint)words64 };
                Ioctl.Invoke(_fd, KVM_GET_DIRTY_LOG, ref log);
            }
        }
    }

    /// <summary>Creates a vCPU.</summary>
    /// <param name="id">Its number, on x86_64 its APIC id.</param>
    /// <exception cref="LinuxException">The id is taken or too high, or a resource is short.</exception>
    public KvmVcpu CreateVcpu(uint id)
    {
        var fd = new FileDescriptor(Ioctl.Invoke(_fd, KVM_CREATE_VCPU, (nint)id));
        try
        {
            return new KvmVcpu(id, fd, _vcpuMapSize, XsaveLength());
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();
}
