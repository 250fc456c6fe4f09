namespace StratoVirt.Testing.Virtio;

/// <summary>Offsets in <c>struct virtio_pci_common_cfg</c> (virtio 1.3 §4.1.4.3).</summary>
public static class VirtioPciRegister
{
    /// <summary>device_feature_select.</summary>
    public const int DeviceFeatureSelect = 0;

    /// <summary>device_feature.</summary>
    public const int DeviceFeature = 4;

    /// <summary>driver_feature_select.</summary>
    public const int DriverFeatureSelect = 8;

    /// <summary>driver_feature.</summary>
    public const int DriverFeature = 12;

    /// <summary>config_msix_vector.</summary>
    public const int ConfigurationVector = 16;

    /// <summary>num_queues.</summary>
    public const int QueueCount = 18;

    /// <summary>device_status.</summary>
    public const int Status = 20;

    /// <summary>config_generation.</summary>
    public const int Generation = 21;

    /// <summary>queue_select.</summary>
    public const int QueueSelect = 22;

    /// <summary>queue_size.</summary>
    public const int QueueSize = 24;

    /// <summary>queue_msix_vector.</summary>
    public const int QueueVector = 26;

    /// <summary>queue_enable.</summary>
    public const int QueueEnable = 28;

    /// <summary>queue_notify_off.</summary>
    public const int QueueNotifyOff = 30;

    /// <summary>queue_desc.</summary>
    public const int QueueDescriptor = 32;

    /// <summary>queue_driver.</summary>
    public const int QueueDriver = 40;

    /// <summary>queue_device.</summary>
    public const int QueueDevice = 48;

    /// <summary>queue_reset.</summary>
    public const int QueueReset = 58;
}
