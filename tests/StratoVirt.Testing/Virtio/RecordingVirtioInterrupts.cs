using StratoVirt.Devices.Virtio;

namespace StratoVirt.Testing.Virtio;

/// <summary>A way to the driver that counts what a device tells it.</summary>
public sealed class RecordingVirtioInterrupts : IVirtioInterrupts
{
    private const int Queues = 64;

    private readonly int[] _usedBuffers = new int[Queues];
    private int _configurationChanges;
    private int _needsReset;

    /// <summary>Configuration changes told.</summary>
    public int ConfigurationChanges => Volatile.Read(ref _configurationChanges);

    /// <summary>Whether the device asked for a reset.</summary>
    public bool IsResetNeeded => Volatile.Read(ref _needsReset) != 0;

    /// <summary>Interrupts for one queue so far.</summary>
    public int Of(int queue) => Volatile.Read(ref _usedBuffers[queue]);

    /// <inheritdoc/>
    public void UsedBuffers(int queue) => Interlocked.Increment(ref _usedBuffers[queue]);

    /// <inheritdoc/>
    public void ConfigurationChanged() => Interlocked.Increment(ref _configurationChanges);

    /// <inheritdoc/>
    public void NeedsReset() => Volatile.Write(ref _needsReset, 1);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_usedBuffers);
        Volatile.Write(ref _configurationChanges, 0);
        Volatile.Write(ref _needsReset, 0);
    }
}
