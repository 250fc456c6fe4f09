namespace StratoVirt.Backends.Char;

/// <summary>
/// The last bytes a guest has printed, addressed by their position in the whole stream, for any number of readers.
/// </summary>
/// <remarks>
/// Printing never waits for a reader: a reader copies without a lock and afterwards drops what the writer may have
/// overwritten meanwhile. The writer announces the bytes it is about to overwrite (<c>_claimed</c>), copies, then
/// publishes (<c>_written</c>); a copied byte is sound if, after the copy, no claim has reached it.
/// </remarks>
public sealed class ConsoleBuffer : ICharBackend
{
    /// <summary>Nobody waits.</summary>
    private const long Never = long.MaxValue;

    private readonly Lock _writing = new();
    private readonly object _waiting = new();
    private readonly byte[] _ring;
    private long _claimed;
    private long _written;
    private long _wakeBehind = Never;
    private List<Action>? _watchers;
    private volatile bool _complete;

    /// <summary>Makes an empty buffer.</summary>
    /// <param name="capacity">Bytes kept, at least 1. The memory is touched only as the guest prints.</param>
    public ConsoleBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _ring = GC.AllocateUninitializedArray<byte>(capacity);
    }

    /// <summary>Bytes kept at most.</summary>
    public int Capacity => _ring.Length;

    /// <summary>Bytes printed in all.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Whether the machine has ended: nothing more will be printed.</summary>
    public bool IsComplete => _complete;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        long end;

        // Among vCPUs that print at the same moment, for the length of a copy.
        lock (_writing)
        {
            end = _written + data.Length;
            Volatile.Write(ref _claimed, end);

            // No byte of the copy may become visible before the claim, and the wake position must not be read before
            // the bytes are published: a waiter stores it and then looks for bytes.
            Interlocked.MemoryBarrier();
            ReadOnlySpan<byte> kept = data.Length > _ring.Length ? data[^_ring.Length..] : data;
            int at = (int)((end - kept.Length) % _ring.Length);
            int first = Math.Min(kept.Length, _ring.Length - at);
            kept[..first].CopyTo(_ring.AsSpan(at));
            kept[first..].CopyTo(_ring);
            Volatile.Write(ref _written, end);
            Interlocked.MemoryBarrier();
        }

        if (end > Volatile.Read(ref _wakeBehind))
        {
            WakeAll();
        }
    }

    /// <summary>Copies history from an absolute position.</summary>
    /// <param name="position">Byte position in the whole output; moved up to the oldest byte kept when that is later,
    /// and behind the bytes returned.</param>
    /// <param name="destination">Filled from the start.</param>
    /// <returns>Bytes copied; 0 when there is nothing new.</returns>
    public int Read(ref long position, Span<byte> destination)
    {
        while (true)
        {
            long written = Volatile.Read(ref _written);
            long start = Math.Max(position, Math.Max(0, written - _ring.Length));
            int count = (int)Math.Min(destination.Length, Math.Max(0, written - start));
            if (count == 0)
            {
                position = start;
                return 0;
            }

            int at = (int)(start % _ring.Length);
            int first = Math.Min(count, _ring.Length - at);
            _ring.AsSpan(at, first).CopyTo(destination);
            _ring.AsSpan(0, count - first).CopyTo(destination[first..]);

            // The copy must be over before the claim is read.
            Interlocked.MemoryBarrier();
            long sound = Volatile.Read(ref _claimed) - _ring.Length;
            int spoilt = (int)Math.Clamp(sound - start, 0, count);
            if (spoilt < count)
            {
                destination[spoilt..count].CopyTo(destination);
                position = start + count;
                return count - spoilt;
            }

            // The writer has lapped this reader altogether: start again at what is oldest now.
        }
    }

    /// <summary>Waits for output behind a position, for the end of the machine, or for the time to pass.</summary>
    /// <param name="position">Position up to which the caller has read, or hopes to read.</param>
    /// <param name="timeout">How long; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>True when there is something to read at <paramref name="position"/>.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool WaitForOutput(long position, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Deadline deadline = Deadline.After(timeout);
        if (Written > position)
        {
            return true;
        }

        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static buffer => ((ConsoleBuffer)buffer!).WakeAll(), this);
        lock (_waiting)
        {
            while (true)
            {
                _wakeBehind = Math.Min(_wakeBehind, position);

                // Pairs with the writer's: either it sees the wake position or this sees its bytes.
                Interlocked.MemoryBarrier();
                if (Written > position)
                {
                    return true;
                }

                cancellationToken.ThrowIfCancellationRequested();
                TimeSpan remaining = deadline.Remaining;
                if (_complete || remaining == TimeSpan.Zero)
                {
                    return Written > position;
                }

                Monitor.Wait(_waiting, remaining);
            }
        }
    }

    /// <summary>Has somebody told once, soon, that there is output behind a position or that the machine has ended: on a
    /// thread that prints, or at once. He may be told too early, and looks again.</summary>
    /// <param name="position">Position up to which the caller has read.</param>
    /// <param name="ready">Returns at once.</param>
    public void Watch(long position, Action ready)
    {
        ArgumentNullException.ThrowIfNull(ready);
        bool isReady;
        lock (_waiting)
        {
            _wakeBehind = Math.Min(_wakeBehind, position);

            // As in waiting: either the writer sees the wake position or this sees its bytes.
            Interlocked.MemoryBarrier();
            isReady = Written > position || _complete;
            if (!isReady)
            {
                (_watchers ??= []).Add(ready);
            }
        }

        if (isReady)
        {
            ready();
        }
    }

    /// <summary>Forgets somebody who was to be told. He may be told all the same, at this moment.</summary>
    public void Unwatch(Action ready)
    {
        lock (_waiting)
        {
            _ = _watchers?.Remove(ready);
        }
    }

    /// <summary>Says that the machine has ended. Waiting readers return; history stays readable.</summary>
    public void Complete()
    {
        _complete = true;
        WakeAll();
    }

    private void WakeAll()
    {
        List<Action>? watchers;
        lock (_waiting)
        {
            // Whoever still waits names his position again.
            _wakeBehind = Never;
            watchers = _watchers;
            _watchers = null;
            Monitor.PulseAll(_waiting);
        }

        watchers?.ForEach(ready => ready());
    }
}
