using StratoVirt.Backends.Entropy;

namespace StratoVirt.Devices.Tests.Virtio.Entropy;

/// <summary>A source that has so many bytes, all the same, and then none.</summary>
internal sealed class ScriptedEntropy : IEntropySource
{
    internal const byte Value = 0x5A;

    private int _left;

    internal ScriptedEntropy(int bytes = int.MaxValue) => _left = bytes;

    internal bool IsDisposed { get; private set; }

    public string? Problem => null;

    public int Read(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, Volatile.Read(ref _left));
        destination[..count].Fill(Value);
        _left -= count;
        return count;
    }

    public void Dispose() => IsDisposed = true;

    internal void Add(int bytes) => Interlocked.Add(ref _left, bytes);
}
