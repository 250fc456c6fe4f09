namespace StratoVirt.Devices.Virtio;

/// <summary>How a device tells its driver something. The transport supplies it. Callable from any thread; allocates
/// nothing.</summary>
public interface IVirtioInterrupts
{
    /// <summary>The device has used buffers of a queue (virtio 1.3 §2.3).</summary>
    void UsedBuffers(int queue);

    /// <summary>The configuration space has changed; counts its generation up (§2.5).</summary>
    void ConfigurationChanged();

    /// <summary>The device cannot go on: sets DEVICE_NEEDS_RESET (§2.1.2).</summary>
    void NeedsReset();
}
