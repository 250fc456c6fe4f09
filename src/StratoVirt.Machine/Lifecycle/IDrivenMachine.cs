namespace StratoVirt.Machine.Lifecycle;

/// <summary>
/// The machine as its state driver sees it. All members but <see cref="TakeFault"/> are called from the driver's
/// thread only, in the order the state diagram in <see cref="StateDriver"/> allows. Disposing of it, once and last,
/// ends the vCPU threads and gives back all that the machine holds of the host.
/// </summary>
internal interface IDrivenMachine : IDisposable
{
    /// <summary>Lets the vCPUs run, for the first time or again.</summary>
    void ReleaseVcpus();

    /// <summary>Returns when no vCPU runs guest code or touches a device.</summary>
    void HoldVcpus();

    /// <summary>With the vCPUs held: brings every device to rest. Returns when no I/O touches guest memory.</summary>
    void PauseDevices();

    /// <summary>Before the vCPUs run again: devices that were paused go on; others are left alone.</summary>
    void ResumeDevices();

    /// <summary>Takes away what the guest has ejected.</summary>
    void RemoveEjected();

    /// <summary>Tells the outside how large the balloon is.</summary>
    void ReportBalloon();

    /// <summary>Tells the outside of which devices the host's side has failed.</summary>
    void ReportFailures();

    /// <summary>Puts memory in the place of what files behind guest memory have lost.</summary>
    /// <returns>Whether one had lost something since the last time.</returns>
    bool TryMendMemory();

    /// <summary>With the vCPUs held: brings devices, vCPUs and memory to what they were before the first start.</summary>
    void ResetHeld();

    /// <summary>The first fault a vCPU has met since the last reset.</summary>
    VcpuFault? TakeFault();
}
