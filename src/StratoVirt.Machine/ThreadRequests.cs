using StratoVirt.Kvm;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Storage;
using StratoVirt.Linux.Threads;

namespace StratoVirt.Machine;

/// <summary>Which ioctl requests the threads of a machine make.</summary>
public static class ThreadRequests
{
    /// <summary>The requests of a role; none for most.</summary>
    public static IReadOnlyList<uint> Of(ThreadRole role) => role switch
    {
        // A guest's write to a register of a PCI function is carried out on the thread of its vCPU: interrupts are routed,
        // doorbells moved.
        ThreadRole.Vcpu => [.. KvmRequests.OfVcpuThread, .. KvmRequests.OfWiring],
        // An image may have become shorter under its guest.
        ThreadRole.Io => [.. TapRequests.OfUse, .. VhostRequests.OfUse, .. KvmRequests.OfMemory, .. StorageRequests.OfLength],
        ThreadRole.Worker => StorageRequests.OfDiscard,
        ThreadRole.Control =>
        [
            .. KvmRequests.OfVcpuThread, .. KvmRequests.OfWiring, .. KvmRequests.OfMemory, .. KvmRequests.OfBuilding,
            .. TapRequests.OfUse, .. TapRequests.OfOpening, .. VhostRequests.OfOpening, .. StorageRequests.OfOpening,
            .. StorageRequests.OfDiscard,
        ],
        _ => [],
    };
}
