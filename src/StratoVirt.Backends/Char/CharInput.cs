namespace StratoVirt.Backends.Char;

/// <summary>Types into a guest, waiting for room where its device has none. Messages of several senders do not mix.</summary>
public sealed class CharInput : IDisposable
{
    private readonly ICharFrontend _frontend;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ManualResetEventSlim _room = new();
    private volatile bool _complete;

    /// <summary>Makes a keyboard for a device.</summary>
    public CharInput(ICharFrontend frontend)
    {
        ArgumentNullException.ThrowIfNull(frontend);
        _frontend = frontend;
        _frontend.RoomAvailable += _room.Set;
    }

    /// <summary>Types bytes into the guest.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="timeout">How long to wait for room; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>Bytes taken; fewer than given when the time passed, or the machine ended, with the guest not reading.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; a part may have been taken.</exception>
    public int Send(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Deadline deadline = Deadline.After(timeout);
        if (_complete || !_turn.Wait(deadline.Remaining, cancellationToken))
        {
            return 0;
        }

        try
        {
            int taken = 0;
            bool inTime = true;
            while (true)
            {
                // Before the offer: room made after a refusal must not be forgotten.
                _room.Reset();
                if (_complete)
                {
                    return taken;
                }

                // Once more when the time has passed: devices announce room only when there is much of it.
                taken += _frontend.Receive(data[taken..]);
                if (taken == data.Length || !inTime)
                {
                    return taken;
                }

                inTime = _room.Wait(deadline.Remaining, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Says that the machine has ended: nobody will read. Waiting senders return.</summary>
    public void Complete()
    {
        _complete = true;
        _room.Set();
    }

    /// <summary>Lets go of the device. No sender is inside: call <see cref="Complete"/> first and let them return.</summary>
    public void Dispose()
    {
        _frontend.RoomAvailable -= _room.Set;
        Complete();
        _turn.Dispose();
        _room.Dispose();
    }
}
