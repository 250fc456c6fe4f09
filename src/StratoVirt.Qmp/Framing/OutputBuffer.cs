using System.Buffers;

namespace StratoVirt.Qmp.Framing;

/// <summary>Bytes on their way out: written at one end, sent from the other. Holds no memory while it is empty.</summary>
public sealed class OutputBuffer : IBufferWriter<byte>
{
    private const int FirstCapacity = 512;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>What has not been sent.</summary>
    public ReadOnlySpan<byte> Unsent => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Bytes not sent.</summary>
    public int Length => _end - _start;

    /// <summary>Bytes of memory held.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Forgets bytes that have been sent.</summary>
    public void Sent(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        _start += count;
        if (_start == _end)
        {
            _bytes = [];
            _start = _end = 0;
        }
    }

    /// <summary>Takes back what was written last.</summary>
    /// <param name="length">Bytes that stay.</param>
    public void Cut(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        _end = _start + length;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _end);
        _end += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_end);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void Reserve(int count)
    {
        if (_bytes.Length - _end >= count)
        {
            return;
        }

        int length = Length;
        byte[] target = _bytes.Length - length >= count
            ? _bytes
            : new byte[Math.Max(Math.Max(FirstCapacity, _bytes.Length * 2), checked(length + count))];
        Unsent.CopyTo(target);
        _bytes = target;
        _start = 0;
        _end = length;
    }
}
