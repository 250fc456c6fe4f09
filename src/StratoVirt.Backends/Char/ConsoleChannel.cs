using StratoVirt.Backends.Io;
using StratoVirt.Linux.Events;

namespace StratoVirt.Backends.Char;

/// <summary>
/// Joins a port to the machine's own console: what the guest prints goes to a backend that takes everything
/// (<see cref="ConsoleBuffer"/>), what is typed (<see cref="CharInput"/>) waits in a bounded ring for the guest.
/// </summary>
public sealed class ConsoleChannel : ICharChannel, ICharFrontend
{
    /// <summary>Typed bytes that wait at most.</summary>
    public const int InputLimit = 64 << 10;

    private readonly Lock _gate = new();
    private readonly ICharBackend _output;
    private readonly Doorbell _typed = new();
    private byte[]? _ring;
    private int _head;
    private int _count;
    private bool _refused;
    private bool _ended;
    private EventRegistration? _served;

    /// <summary>Makes a channel.</summary>
    /// <param name="output">Where the bytes the guest prints go; not owned.</param>
    public ConsoleChannel(ICharBackend output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <inheritdoc/>
    public event Action? RoomAvailable;

    /// <inheritdoc/>
    public bool IsConnected => true;

    /// <inheritdoc/>
    public string? Problem => null;

    /// <inheritdoc/>
    public void Attach(IoThread thread, ICharChannelUser user)
    {
        ArgumentNullException.ThrowIfNull(thread);
        ArgumentNullException.ThrowIfNull(user);
        _served = thread.Serve(_typed, user.InputAvailable);
    }

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> data)
    {
        _output.Write(data);
        return data.Length;
    }

    /// <inheritdoc/>
    public int Receive(ReadOnlySpan<byte> data)
    {
        int taken;
        lock (_gate)
        {
            taken = _ended ? 0 : Math.Min(data.Length, InputLimit - _count);
            if (taken > 0)
            {
                _ring ??= new byte[InputLimit];
                int tail = (_head + _count) % InputLimit;
                int first = Math.Min(taken, InputLimit - tail);
                data[..first].CopyTo(_ring.AsSpan(tail));
                data[first..taken].CopyTo(_ring);
                _count += taken;
                _typed.Ring();
            }

            _refused |= taken < data.Length;
        }

        return taken;
    }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        int count;
        bool room;
        lock (_gate)
        {
            count = Math.Min(destination.Length, _count);
            int first = Math.Min(count, InputLimit - _head);
            _ring.AsSpan(_head, first).CopyTo(destination);
            _ring.AsSpan(0, count - first).CopyTo(destination[first..]);
            _head = (_head + count) % InputLimit;
            _count -= count;

            // Half empty, so that a waiting sender is not woken for every few bytes.
            room = _refused && _count <= InputLimit / 2;
            _refused &= !room;
        }

        if (room)
        {
            RoomAvailable?.Invoke();
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _served?.Dispose();
        lock (_gate)
        {
            if (!_ended)
            {
                _ended = true;
                _typed.Dispose();
            }
        }
    }
}
