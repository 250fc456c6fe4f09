namespace StratoVirt.Devices.Legacy.Serial;

/// <summary>A bounded queue of bytes that grows to its limit only when it is used. Not synchronised.</summary>
internal sealed class ByteQueue
{
    private byte[] _ring;
    private int _head;

    /// <param name="limit">Bytes it holds at most.</param>
    /// <param name="initial">Bytes it holds without ever allocating.</param>
    internal ByteQueue(int limit, int initial = 0)
    {
        Limit = limit;
        _ring = initial == 0 ? [] : new byte[initial];
    }

    internal int Limit { get; }

    internal int Count { get; private set; }

    internal int Free => Limit - Count;

    /// <summary>Appends as much as there is room for; returns how much that was.</summary>
    internal int Enqueue(ReadOnlySpan<byte> data)
    {
        int taken = Math.Min(data.Length, Free);
        Reserve(Count + taken);
        if (taken > 0)
        {
            int tail = (_head + Count) % _ring.Length;
            int first = Math.Min(taken, _ring.Length - tail);
            data[..first].CopyTo(_ring.AsSpan(tail));
            data[first..taken].CopyTo(_ring);
            Count += taken;
        }

        return taken;
    }

    /// <summary>Takes the oldest byte; false when there is none.</summary>
    internal bool TryDequeue(out byte value)
    {
        if (Count == 0)
        {
            value = 0;
            return false;
        }

        value = _ring[_head];
        _head = (_head + 1) % _ring.Length;
        Count--;
        return true;
    }

    internal void Clear()
    {
        _head = 0;
        Count = 0;
    }

    /// <summary>A copy of the contents, oldest first.</summary>
    internal byte[] ToArray()
    {
        byte[] copy = new byte[Count];
        CopyTo(copy);
        return copy;
    }

    private void Reserve(int needed)
    {
        if (needed > _ring.Length)
        {
            const int Smallest = 64;
            byte[] larger = new byte[Math.Min(Limit, Math.Max(Smallest, Math.Max(needed, _ring.Length * 2)))];
            CopyTo(larger);
            _ring = larger;
            _head = 0;
        }
    }

    private void CopyTo(Span<byte> destination)
    {
        int first = Math.Min(Count, _ring.Length - _head);
        _ring.AsSpan(_head, first).CopyTo(destination);
        _ring.AsSpan(0, Count - first).CopyTo(destination[first..]);
    }
}
