using StratoVirt.Devices.Interrupts;

namespace StratoVirt.Testing;

/// <summary>An interrupt line that counts its edges and latches them as an interrupt controller does: any number of
/// edges before the guest looks are one interrupt.</summary>
public sealed class RecordingInterruptLine : IInterruptLine
{
    private int _edges;
    private int _latched;

    /// <summary>Edges so far.</summary>
    public int Edges => Volatile.Read(ref _edges);

    /// <summary>Whether an edge waits to be taken.</summary>
    public bool IsPending => Volatile.Read(ref _latched) != 0;

    /// <inheritdoc/>
    public void Trigger()
    {
        Interlocked.Increment(ref _edges);
        Volatile.Write(ref _latched, 1);
    }

    /// <summary>Takes the latched interrupt, as a processor that acknowledges it; false when there is none.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _latched, 0) != 0;
}
