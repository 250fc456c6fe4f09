using System.Diagnostics.CodeAnalysis;

namespace StratoVirt.Backends.Block;

/// <summary>Requests in order, linked through themselves: a queue that never allocates. Not thread-safe.</summary>
internal sealed class BlockIoList
{
    private BlockIo? _first;
    private BlockIo? _last;

    public bool IsEmpty => _first is null;

    public void Add(BlockIo io)
    {
        io.Next = null;
        if (_last is null)
        {
            _first = io;
        }
        else
        {
            _last.Next = io;
        }

        _last = io;
    }

    public bool TryTake([NotNullWhen(true)] out BlockIo? io)
    {
        io = _first;
        if (io is null)
        {
            return false;
        }

        _first = io.Next;
        _last = _first is null ? null : _last;
        io.Next = null;
        return true;
    }

    /// <summary>Puts one back to the front.</summary>
    public void PutBack(BlockIo io)
    {
        io.Next = _first;
        _first = io;
        _last ??= io;
    }
}
