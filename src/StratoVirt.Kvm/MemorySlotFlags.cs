using StratoVirt.Kvm.Abi;

namespace StratoVirt.Kvm;

/// <summary>How a memory slot behaves.</summary>
[Flags]
public enum MemorySlotFlags : uint
{
    /// <summary>Plain memory.</summary>
    None = 0,
    /// <summary>KVM_MEM_LOG_DIRTY_PAGES: keeps a log of pages written, see <see cref="KvmVm.GetDirtyLog"/>.</summary>
    LogDirtyPages = KvmConstants.KVM_MEM_LOG_DIRTY_PAGES,
    /// <summary>KVM_MEM_READONLY: guest writes come as MMIO exits.</summary>
    ReadOnly = KvmConstants.KVM_MEM_READONLY,
}
