using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Net;

/// <summary>
/// Receive buffers taken from a queue ahead of the frames that will fill them, seen as one run of bytes: a header, then
/// a frame. Kept from one frame to the next; what no frame has used can all be put back.
/// </summary>
internal sealed class StagedBuffers
{
    private readonly DescriptorChain?[] _chains;
    private int _first;
    private int _count;

    internal StagedBuffers(int size) => _chains = new DescriptorChain?[size];

    /// <summary>Buffers taken.</summary>
    internal int Count => _count;

    /// <summary>Bytes they hold, headers included.</summary>
    internal ulong Length { get; private set; }

    /// <summary>Whether the driver has given a buffer with no room for a header (virtio 1.3 §5.1.6.3.1).</summary>
    internal bool HasBadBuffer { get; private set; }

    /// <summary>Takes buffers until they hold so many bytes.</summary>
    /// <param name="queue">Where from.</param>
    /// <param name="length">Bytes wanted.</param>
    /// <param name="most">Buffers to have, at most.</param>
    /// <returns>Whether there are so many bytes now.</returns>
    internal bool Fill(Virtqueue queue, ulong length, int most)
    {
        most = Math.Min(most, _chains.Length);
        while (Length < length && _count < most && !HasBadBuffer && queue.TryPop(out DescriptorChain? chain))
        {
            _chains[Place(_count++)] = chain;
            Length += chain.WritableLength;
            HasBadBuffer = chain.WritableLength < INetBackend.HeaderLength;
        }

        return Length >= length;
    }

    /// <summary>The memory behind the header, in order.</summary>
    /// <param name="parts">Filled from its start; what does not fit is left out.</param>
    /// <returns>Parts filled.</returns>
    internal int Slice(Span<GuestBuffer> parts)
    {
        int filled = 0;
        uint skipped = INetBackend.HeaderLength;
        for (int i = 0; i < _count && filled < parts.Length; i++)
        {
            filled += At(i).SliceWritable(skipped, uint.MaxValue, parts[filled..]);
            skipped = 0;
        }

        return filled;
    }

    /// <summary>Copies bytes to an offset of the run, which has room for them.</summary>
    internal void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < _count && !source.IsEmpty; i++)
        {
            DescriptorChain chain = At(i);
            if (offset >= chain.WritableLength)
            {
                offset -= chain.WritableLength;
                continue;
            }

            source = source[chain.Write((uint)offset, source)..];
            offset = 0;
        }
    }

    /// <summary>How many buffers a run of so many bytes takes.</summary>
    internal int CountFor(ulong length)
    {
        int used = 0;
        for (ulong covered = 0; covered < length; used++)
        {
            covered += At(used).WritableLength;
        }

        return used;
    }

    /// <summary>Gives the buffers of a run back to the driver: each full, but for the last.</summary>
    internal void Complete(Virtqueue queue, ulong length)
    {
        while (length > 0)
        {
            DescriptorChain chain = At(0);
            uint written = (uint)Math.Min(length, chain.WritableLength);
            Length -= chain.WritableLength;
            length -= written;
            queue.Complete(chain, written);
            _chains[_first] = null;
            _first = Place(1);
            _count--;
        }
    }

    /// <summary>Puts all of them back into the queue.</summary>
    internal void Return(Virtqueue queue)
    {
        while (_count > 0)
        {
            queue.Return(At(_count - 1));
            _count--;
        }

        Forget();
    }

    /// <summary>Drops them: their queue is no more.</summary>
    internal void Forget()
    {
        Array.Clear(_chains);
        _first = 0;
        _count = 0;
        Length = 0;
        HasBadBuffer = false;
    }

    private DescriptorChain At(int index) => _chains[Place(index)]!;

    private int Place(int index)
    {
        int place = _first + index;
        return place < _chains.Length ? place : place - _chains.Length;
    }
}
