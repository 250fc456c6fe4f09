namespace StratoVirt.Devices.Virtio;

/// <summary>The device status field (virtio 1.3 §2.1).</summary>
[Flags]
public enum VirtioStatus : byte
{
    /// <summary>Reset.</summary>
    None = 0,

    /// <summary>The driver has seen the device.</summary>
    Acknowledge = 1,

    /// <summary>The driver knows how to drive it.</summary>
    Driver = 2,

    /// <summary>The driver is ready: the device is live.</summary>
    DriverOk = 4,

    /// <summary>The device has accepted the driver's choice of features.</summary>
    FeaturesOk = 8,

    /// <summary>The device can go on only after a reset.</summary>
    NeedsReset = 64,

    /// <summary>The driver has given up.</summary>
    Failed = 128,
}
