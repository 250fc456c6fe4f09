namespace StratoVirt.Qmp.Framing;

/// <summary>
/// Cuts a stream of bytes into JSON values. A value ends where its brackets balance, because clients need not end it
/// with a line end; anything that is neither object nor array ends with its line. Judges nothing else: the parser does.
/// </summary>
/// <remarks>
/// Strings in single quotes, which QEMU reads too, come out in double quotes. Memory is bounded by the length allowed,
/// and given back when a long message has been taken. After a fault the framer goes on behind the next line end.
/// </remarks>
/// <param name="maxLength">Bytes of one message, at most.</param>
/// <param name="maxDepth">Objects and arrays inside each other, at most.</param>
public sealed class JsonFramer(int maxLength, int maxDepth)
{
    private const int FirstCapacity = 512;
    private const int KeptCapacity = 4096;

    private byte[] _buffer = [];
    private int _length;
    private int _depth;
    private byte _quote;
    private State _state;
    private bool _escaped;

    private enum State
    {
        Between,
        Composite,
        Line,
        Skipping,
    }

    /// <summary>The message, after <see cref="FrameResult.Message"/> and until the next call.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.AsMemory(0, _length);

    /// <summary>Bytes of memory held.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>Whether a message has begun and not ended.</summary>
    public bool IsInside => _state is State.Composite or State.Line;

    /// <summary>Takes input up to the end of a message or a fault, or all of it.</summary>
    /// <param name="input">What has come; moved behind what was taken.</param>
    public FrameResult Read(ref ReadOnlySpan<byte> input)
    {
        if (_state is State.Between)
        {
            Clear();
        }

        int at = 0;
        FrameResult result = FrameResult.NeedsMore;
        while (result == FrameResult.NeedsMore && at < input.Length)
        {
            result = Take(input[at++]);
        }

        input = input[at..];
        return result;
    }

    private FrameResult Take(byte value)
    {
        switch (_state)
        {
            case State.Between when IsSpace(value):
                return FrameResult.NeedsMore;
            case State.Between:
                _state = value is (byte)'{' or (byte)'[' ? State.Composite : State.Line;
                return Take(value);
            case State.Skipping:
                _state = value == '\n' ? State.Between : State.Skipping;
                return FrameResult.NeedsMore;
            case State.Line when value == '\n':
                _state = State.Between;
                return FrameResult.Message;
            case State.Line:
                return Append(value);
            default:
                return _quote == 0 ? TakeOutside(value) : TakeInside(value);
        }
    }

    private FrameResult TakeOutside(byte value)
    {
        switch (value)
        {
            case (byte)'{' or (byte)'[':
                return ++_depth > maxDepth ? Fail(FrameResult.TooDeep, value) : Append(value);
            case (byte)'}' or (byte)']':
                if (Append(value) is var full and not FrameResult.NeedsMore)
                {
                    return full;
                }

                if (--_depth > 0)
                {
                    return FrameResult.NeedsMore;
                }

                _state = State.Between;
                return FrameResult.Message;
            case (byte)'"' or (byte)'\'':
                _quote = value;
                return Append((byte)'"');
            default:
                return Append(value);
        }
    }

    private FrameResult TakeInside(byte value)
    {
        if (value < ' ')
        {
            return Fail(FrameResult.BrokenString, value);
        }

        if (_escaped)
        {
            // JSON knows no \': it needs none.
            _escaped = false;
            return value == '\'' ? Append(value) : Append((byte)'\\', value);
        }

        if (value == '\\')
        {
            _escaped = true;
            return FrameResult.NeedsMore;
        }

        if (value == _quote)
        {
            _quote = 0;
            return Append((byte)'"');
        }

        return value == '"' ? Append((byte)'\\', value) : Append(value);
    }

    private FrameResult Append(byte first, byte second) =>
        Append(first) is var full and not FrameResult.NeedsMore ? full : Append(second);

    private FrameResult Append(byte value)
    {
        if (_length == maxLength)
        {
            return Fail(FrameResult.TooLong, value);
        }

        if (_length == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(maxLength, Math.Max(FirstCapacity, _buffer.Length * 2)));
        }

        _buffer[_length++] = value;
        return FrameResult.NeedsMore;
    }

    private FrameResult Fail(FrameResult fault, byte value)
    {
        Clear();
        _buffer = [];
        _state = value == '\n' ? State.Between : State.Skipping;
        return fault;
    }

    private void Clear()
    {
        _length = 0;
        _depth = 0;
        _quote = 0;
        _escaped = false;
        if (_buffer.Length > KeptCapacity)
        {
            _buffer = [];
        }
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
