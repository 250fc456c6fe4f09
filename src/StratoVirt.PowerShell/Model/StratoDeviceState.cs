namespace StratoVirt.PowerShell;

/// <summary>How a device is.</summary>
public enum StratoDeviceState
{
    /// <summary>The machine does not run in this process: only the definition knows the device.</summary>
    Defined,

    /// <summary>Plugged in; no driver of the guest uses it.</summary>
    Idle,

    /// <summary>A driver of the guest uses it.</summary>
    Ready,

    /// <summary>The guest has been asked to give it back.</summary>
    Leaving,

    /// <summary>It stopped; <see cref="StratoDevice.Fault"/> says why.</summary>
    Failed,
}
