namespace StratoVirt.Machine;

/// <summary>
/// The stable identifiers of everything that can go wrong between a definition and a running machine. They are
/// contract: scripts match on them (as <c>StratoVirt.KernelMissing</c>); an id is never renamed or reused.
/// </summary>
public enum MachineErrorId
{
    /// <summary>There is no /dev/kvm.</summary>
    KvmMissing,
    /// <summary>/dev/kvm exists but this user may not open it.</summary>
    KvmPermission,
    /// <summary>The host's KVM lacks something the machine needs, or refused a call.</summary>
    KvmUnsuitable,
    /// <summary>The kernel file does not exist or cannot be read.</summary>
    KernelMissing,
    /// <summary>The kernel file is empty, truncated or inconsistent.</summary>
    KernelCorrupt,
    /// <summary>The kernel file is of no format this machine boots.</summary>
    KernelUnrecognised,
    /// <summary>The kernel is for another processor architecture.</summary>
    KernelArchitecture,
    /// <summary>The kernel does not fit in the guest's memory.</summary>
    KernelTooBig,
    /// <summary>The initrd does not exist or cannot be read.</summary>
    InitrdMissing,
    /// <summary>The initrd does not fit in the guest's memory beside the kernel.</summary>
    InitrdTooBig,
    /// <summary>The command line is longer than the kernel accepts.</summary>
    CommandLineTooLong,
    /// <summary>The host cannot give the guest that much memory.</summary>
    MemoryUnavailable,
    /// <summary>KVM on this host runs fewer vCPUs than asked for.</summary>
    TooManyCpus,
    /// <summary>Another process, or this one, is running a machine of this name.</summary>
    AlreadyRunning,
    /// <summary>The request does not fit the machine's present state.</summary>
    InvalidState,
    /// <summary>The guest did not do what was asked within the time given.</summary>
    Timeout,
    /// <summary>The runtime directory cannot be used.</summary>
    RuntimeDirectory,
    /// <summary>What a device needs of the host does not exist: an image, a directory, an interface.</summary>
    DeviceMissing,
    /// <summary>What a device needs of the host may not be opened by this user.</summary>
    DevicePermission,
    /// <summary>What a device needs of the host is in use by somebody else.</summary>
    DeviceInUse,
    /// <summary>What a device needs of the host is there but does not serve.</summary>
    DeviceUnusable,
    /// <summary>This version has no such device.</summary>
    DeviceUnsupported,
    /// <summary>The machine has no device of that name.</summary>
    DeviceUnknown,
    /// <summary>The machine has a device of that name already.</summary>
    DeviceExists,
    /// <summary>The device, or this setting of it, cannot change while the machine exists.</summary>
    DeviceUnchangeable,
    /// <summary>The machine has no place for another device.</summary>
    TooManyDevices,
    /// <summary>The machine has no slots for devices that come and go, because it has no ACPI.</summary>
    HotPlugUnavailable,
    /// <summary>The program that holds a detached machine is not there, or cannot be started.</summary>
    HostMissing,
    /// <summary>The process that holds a detached machine died, or could not make sense of what it was asked.</summary>
    HostFailed,
    /// <summary>The control socket of a machine cannot be reached, or the connection has ended.</summary>
    ControlUnreachable,
    /// <summary>The process that runs a machine refused a request, for a reason of its own.</summary>
    ControlRefused,
    /// <summary>The machine has a device that cannot be had from inside a jail.</summary>
    JailUnsuitable,
}
