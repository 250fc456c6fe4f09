using System.Buffers.Binary;

namespace StratoVirt.Machine.Boot.Unpacking;

/// <summary>
/// The packed side of an xz container: buffered, knows its position, and treats reading past the end as damage, so
/// that no decoder can mistake the end for data and go on for ever.
/// </summary>
internal sealed class XzInput(Stream source) : Stream
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        FillIfEmpty();
        _position++;
        return _buffer[_start++];
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        FillIfEmpty();
        int count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Reads four little-endian bytes.</summary>
    public uint ReadUInt32()
    {
        Span<byte> word = stackalloc byte[4];
        ReadExactly(word);
        return BinaryPrimitives.ReadUInt32LittleEndian(word);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void FillIfEmpty()
    {
        if (_start < _end)
        {
            return;
        }

        _start = 0;
        _end = source.Read(_buffer);
        if (_end == 0)
        {
            throw new InvalidDataException("The xz data ends too early.");
        }
    }
}
