using StratoVirt.Backends.Char;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Console;

/// <summary>
/// One port: moves bytes between its two queues and its host end, with no buffer in between, so that either side holds
/// the other back. Everything but the counters is the I/O thread's.
/// </summary>
internal sealed class ConsolePort : ICharChannelUser
{
    // What one ring, or one event of the host end, moves before the other ports and devices get their turn.
    private const int BytesPerRound = 256 << 10;
    private const int LeastPerRequest = 1 << 10;

    private readonly ConsoleDevice _device;
    private bool _orphaned;
    private uint _session;
    private long _transmitted;
    private long _received;
    private long _dropped;

    internal ConsolePort(ConsoleDevice device, int number, ConsolePortDefinition definition)
    {
        _device = device;
        Number = number;
        Name = definition.Name;
        IsConsole = definition.IsConsole;
        Channel = definition.Channel;
    }

    internal int Number { get; }

    internal string Name { get; }

    internal bool IsConsole { get; }

    internal ICharChannel Channel { get; }

    /// <summary>Columns and rows; zero when not known.</summary>
    internal (ushort Columns, ushort Rows) Size { get; set; }

    /// <summary>The driver has been told of the port.</summary>
    internal bool IsAnnounced { get; set; }

    /// <summary>The driver has accepted the port.</summary>
    internal bool IsReady { get; set; }

    /// <summary>A program of the guest has it open.</summary>
    internal bool IsGuestOpen { get; set; }

    /// <summary>The driver believes that somebody is at the host end.</summary>
    internal bool IsToldOpen { get; set; }

    /// <summary>It waits only for the driver to hear of its removal.</summary>
    internal bool IsRemoved { get; set; }

    internal PortNews News { get; set; }

    /// <summary>Bytes of the oldest waiting output that the host end has taken: a request that was taken in part goes
    /// back to its queue, so the device never holds one.</summary>
    internal uint TransmitOffset { get; set; }

    internal long Transmitted => Volatile.Read(ref _transmitted);

    internal long Received => Volatile.Read(ref _received);

    internal long Dropped => Volatile.Read(ref _dropped);

    /// <inheritdoc/>
    public void InputAvailable() => Receive();

    /// <inheritdoc/>
    public void RoomAvailable() => Transmit();

    /// <inheritdoc/>
    public void ConnectionChanged(bool isConnected)
    {
        _session++;

        // The half of a message that is left means nothing to whoever comes next.
        _orphaned |= !isConnected && TransmitOffset > 0;
        if (IsReady)
        {
            if (isConnected)
            {
                News |= PortNews.Open;
            }
            else if (News.HasFlag(PortNews.Open))
            {
                News &= ~PortNews.Open;
            }
            else
            {
                News |= PortNews.Close;
            }

            _device.TellDriver();
        }

        if (isConnected)
        {
            Transmit();
        }
    }

    /// <summary>The driver is gone.</summary>
    internal void Reset()
    {
        IsAnnounced = false;
        IsReady = false;
        IsGuestOpen = false;
        IsToldOpen = false;
        News = PortNews.None;
        ForgetTransmit();
    }

    /// <summary>The driver has reset the transmit queue.</summary>
    internal void ForgetTransmit()
    {
        TransmitOffset = 0;
        _orphaned = false;
    }

    /// <summary>Output of the guest. A port waits for its host end, a console drops what that does not take.</summary>
    internal void Transmit()
    {
        if (_device.QueueOf(this, transmit: true) is not { } queue)
        {
            return;
        }

        int budget = BytesPerRound;
        RoundEnd end = RoundEnd.OutOfTurn;
        while (budget > 0)
        {
            if (!IsConsole && !Channel.IsConnected)
            {
                end = RoundEnd.HostWaits;
                break;
            }

            if (!queue.TryPop(out DescriptorChain? chain))
            {
                end = RoundEnd.Drained;
                break;
            }

            uint start = Math.Min(TransmitOffset, chain.ReadableLength);
            uint session = _session;
            uint taken = _orphaned ? 0 : Offer(chain, start);
            uint left = chain.ReadableLength - start - taken;
            budget -= (int)Math.Max(taken, LeastPerRequest);
            bool lost = _orphaned || (IsConsole && taken < BytesPerRound) || (session != _session && start + taken > 0);
            if (left > 0 && !lost)
            {
                TransmitOffset = start + taken;
                queue.Return(chain);
                end = budget > 0 ? RoundEnd.HostWaits : RoundEnd.OutOfTurn;
                break;
            }

            _dropped += left;
            ForgetTransmit();
            queue.Complete(chain, 0);
        }

        _device.EndRound(queue, end);
    }

    /// <summary>Input for the guest, into the buffers it has given.</summary>
    internal void Receive()
    {
        // A console is open for as long as the driver has it (§5.3.6.2.2); input for a port waits until it is opened.
        if ((!IsConsole && !IsGuestOpen && _device.IsMultiport) || _device.QueueOf(this, transmit: false) is not { } queue)
        {
            return;
        }

        int budget = BytesPerRound;
        RoundEnd end = RoundEnd.OutOfTurn;
        while (budget > 0)
        {
            if (!queue.TryPop(out DescriptorChain? chain))
            {
                end = RoundEnd.Drained;
                break;
            }

            int given = Fill(chain);
            if (given == 0 && chain.WritableLength > 0)
            {
                queue.Return(chain);
                end = RoundEnd.HostWaits;
                break;
            }

            _received += given;
            budget -= Math.Max(given, LeastPerRequest);
            queue.Complete(chain, (uint)given);
        }

        _device.EndRound(queue, end);
    }

    /// <summary>Gives back the output that waits, unread: the port is about to go.</summary>
    internal void DropOutput()
    {
        if (_device.QueueOf(this, transmit: true) is not { } queue)
        {
            return;
        }

        for (int i = 0; i < queue.Size && queue.TryPop(out DescriptorChain? chain); i++)
        {
            _dropped += chain.ReadableLength - Math.Min(TransmitOffset, chain.ReadableLength);
            ForgetTransmit();
            queue.Complete(chain, 0);
        }

        _device.EndRound(queue, RoundEnd.HostWaits);
    }

    // As much as the host end takes, and no more than one round's worth.
    private uint Offer(DescriptorChain chain, uint start)
    {
        uint taken = 0;
        foreach (GuestBuffer buffer in chain.Readable)
        {
            if (start >= (uint)buffer.Length)
            {
                start -= (uint)buffer.Length;
                continue;
            }

            Span<byte> output = buffer.Span[(int)start..];
            int most = Math.Min(output.Length, BytesPerRound - (int)taken);
            int count = most == 0 ? 0 : Channel.Write(output[..most]);
            taken += (uint)count;
            _transmitted += count;
            start = 0;
            if (count < output.Length)
            {
                break;
            }
        }

        return taken;
    }

    private int Fill(DescriptorChain chain)
    {
        int given = 0;
        foreach (GuestBuffer buffer in chain.Writable)
        {
            Span<byte> room = buffer.Span[..Math.Min(buffer.Length, BytesPerRound - given)];
            int count = room.IsEmpty ? 0 : Channel.Read(room);
            given += count;
            if (count < room.Length || given == BytesPerRound)
            {
                break;
            }
        }

        return given;
    }
}
