using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>
/// The rounds of free page hinting (virtio 1.3 §5.5.6.3). The host begins and ends a round by a command id in
/// configuration space; what the guest sends is bracketed by that id and STOP, and is ignored under any other.
/// </summary>
internal sealed class BalloonHints
{
    /// <summary>VIRTIO_BALLOON_CMD_ID_STOP.</summary>
    internal const uint Stop = 0;

    /// <summary>VIRTIO_BALLOON_CMD_ID_DONE.</summary>
    internal const uint Done = 1;

    private const uint FirstCommand = 2;

    private Round? _asked;
    private Round? _answered;
    private uint _last = FirstCommand - 1;
    private uint _command = Stop;

    /// <summary>free_page_hint_cmd_id.</summary>
    internal uint Command => Volatile.Read(ref _command);

    /// <summary>The last id that began a round.</summary>
    internal uint Last => Volatile.Read(ref _last);

    /// <summary>Begins a round under an id that has not been used for 2^32 rounds.</summary>
    internal void Begin(IFreePageHints sink)
    {
        uint command = _last == uint.MaxValue ? FirstCommand : _last + 1;
        Volatile.Write(ref _last, command);
        Volatile.Write(ref _asked, new Round(command, sink));
        Volatile.Write(ref _command, command);
    }

    /// <summary>Ends the round, if there is one. The sink may be inside a call.</summary>
    /// <param name="command"><see cref="Stop"/> or <see cref="Done"/>.</param>
    internal void End(uint command)
    {
        Volatile.Write(ref _asked, null);
        Volatile.Write(ref _command, command);
    }

    /// <summary>Takes over what a snapshot kept. Whoever had asked for a round is gone.</summary>
    internal void Load(uint command, uint last)
    {
        _answered = null;
        _last = Math.Max(last, FirstCommand - 1);
        End(command);
    }

    /// <summary>The driver is gone. On the device's thread.</summary>
    internal void Reset()
    {
        _answered = null;
        End(Stop);
    }

    /// <summary>The driver has sent a command id. On the device's thread.</summary>
    internal void OnCommand(uint command)
    {
        Round? asked = Volatile.Read(ref _asked);
        if (command == Stop && _answered is { } finished)
        {
            _answered = null;
            if (finished == asked)
            {
                finished.Sink.Finished();
            }
        }
        else
        {
            _answered = asked is not null && asked.Command == command ? asked : null;
        }
    }

    /// <summary>The driver has sent a page. On the device's thread.</summary>
    /// <returns>Whether it belongs to the round that is asked for now.</returns>
    internal bool OnPages(GuestRange range)
    {
        if (_answered is not { } round || round != Volatile.Read(ref _asked))
        {
            return false;
        }

        round.Sink.Hint(range);
        return true;
    }

    private sealed record Round(uint Command, IFreePageHints Sink);
}
