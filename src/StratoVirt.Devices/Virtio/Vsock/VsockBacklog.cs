using System.Numerics;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary>Bytes the guest has sent and the process of the host has not taken yet. Grows to its limit when it is used;
/// kept with its connection for the next one. Not synchronised.</summary>
/// <param name="limit">Bytes it holds at most, a power of two.</param>
internal sealed class VsockBacklog(int limit)
{
    private const int Smallest = 4096;

    private byte[] _ring = [];
    private int _head;

    internal int Count { get; private set; }

    internal int Free => limit - Count;

    /// <summary>The oldest bytes that lie in one piece.</summary>
    internal ReadOnlySpan<byte> Oldest => _ring.AsSpan(_head, Math.Min(Count, _ring.Length - _head));

    /// <summary>Appends part of a request; it fits.</summary>
    internal void Append(DescriptorChain chain, uint offset, int length)
    {
        Reserve(Count + length);
        while (length > 0)
        {
            int tail = (_head + Count) & (_ring.Length - 1);
            int run = Math.Min(length, _ring.Length - tail);
            _ = chain.Read(offset, _ring.AsSpan(tail, run));
            Count += run;
            offset += (uint)run;
            length -= run;
        }
    }

    /// <summary>Forgets the oldest bytes.</summary>
    internal void Consume(int length)
    {
        Count -= length;
        _head = Count == 0 ? 0 : (_head + length) & (_ring.Length - 1);
    }

    internal void Clear()
    {
        _head = 0;
        Count = 0;
    }

    private void Reserve(int needed)
    {
        if (needed <= _ring.Length)
        {
            return;
        }

        byte[] larger = new byte[Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)needed))];
        ReadOnlySpan<byte> first = Oldest;
        first.CopyTo(larger);
        _ring.AsSpan(0, Count - first.Length).CopyTo(larger.AsSpan(first.Length));
        _ring = larger;
        _head = 0;
    }
}
