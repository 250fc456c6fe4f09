namespace StratoVirt.Machine.Lifecycle;

/// <summary>What guest and vCPUs report to the state driver. A set of flags, so that reporting allocates nothing and
/// a guest that reports without end takes no memory.</summary>
[Flags]
internal enum GuestEvents
{
    None = 0,
    /// <summary>The guest powered itself off.</summary>
    Shutdown = 1,
    /// <summary>The guest asked for a reset.</summary>
    Reset = 2,
    /// <summary>A vCPU met a fault; the vCPU holds it.</summary>
    Fault = 4,
    /// <summary>The guest has given a device back.</summary>
    Ejected = 8,
    /// <summary>The guest's balloon has another size.</summary>
    Ballooned = 16,
    /// <summary>The host's side of a device has failed.</summary>
    HostFailed = 32,
    /// <summary>Somebody has changed a file behind guest memory.</summary>
    MemoryFileChanged = 64,
}
