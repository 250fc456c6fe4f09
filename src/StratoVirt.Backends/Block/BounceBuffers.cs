using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Backends.Block;

/// <summary>
/// A few buffers of aligned memory for requests whose own memory is not aligned as direct I/O asks. Requests larger
/// than a buffer go through it piece by piece. Takes no memory until used; not thread-safe.
/// </summary>
internal sealed class BounceBuffers : IDisposable
{
    /// <summary>Bytes of one.</summary>
    public const int BufferBytes = 256 << 10;

    private const int Count = 8;

    private readonly MemoryMapping _memory = MemoryMapping.CreateAnonymous((nuint)BufferBytes * Count);
    private readonly Stack<int> _free = new(Enumerable.Range(0, Count));

    /// <summary>Takes one; false when all are in use.</summary>
    public bool TryTake(out int number) => _free.TryPop(out number);

    /// <summary>Gives one back.</summary>
    public void Return(int number) => _free.Push(number);

    /// <summary>Part of a buffer, from its start.</summary>
    public IoVector this[int number, int length] =>
        new IoVector(_memory.Address + (number * BufferBytes), BufferBytes).Slice(0, length);

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
