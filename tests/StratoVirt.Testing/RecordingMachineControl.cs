using StratoVirt.Devices.Platform;

namespace StratoVirt.Testing;

/// <summary>A machine that notes what its devices ask for and does nothing about it.</summary>
public sealed class RecordingMachineControl : IMachineControl
{
    private const int ExpectedMarks = 64;

    private readonly Lock _gate = new();
    private readonly List<(byte Code, long Timestamp)> _marks = new(ExpectedMarks);
    private int _shutdowns;
    private int _resets;

    /// <summary>Shutdowns asked for.</summary>
    public int Shutdowns => Volatile.Read(ref _shutdowns);

    /// <summary>Resets asked for.</summary>
    public int Resets => Volatile.Read(ref _resets);

    /// <summary>Boot marks so far, oldest first.</summary>
    public IReadOnlyList<(byte Code, long Timestamp)> BootMarks
    {
        get
        {
            lock (_gate)
            {
                return [.. _marks];
            }
        }
    }

    /// <inheritdoc/>
    public void GuestShutdown() => Interlocked.Increment(ref _shutdowns);

    /// <inheritdoc/>
    public void GuestReset() => Interlocked.Increment(ref _resets);

    /// <inheritdoc/>
    public void BootMark(byte code, long timestamp)
    {
        lock (_gate)
        {
            _marks.Add((code, timestamp));
        }
    }
}
