using StratoVirt.Backends.Char;
using Xunit;

namespace StratoVirt.Backends.Tests.Char;

public sealed class CharInputTests
{
    private readonly SlowGuest _guest = new(4);

    [Fact]
    public void Takes_what_fits_at_once()
    {
        using CharInput input = new(_guest);
        Assert.Equal(3, input.Send("abc"u8, TimeSpan.Zero, CancellationToken.None));
        Assert.Equal(1, input.Send("def"u8, TimeSpan.Zero, CancellationToken.None));
        Assert.Equal(0, input.Send([], TimeSpan.Zero, CancellationToken.None));
        Assert.Equal("abcd"u8, _guest.Take());
    }

    [Fact]
    public void When_the_time_has_passed_it_takes_what_fits_by_then()
    {
        using CharInput input = new(_guest);
        Assert.Equal(4, input.Send("abcd"u8, TimeSpan.Zero, CancellationToken.None));
        _guest.TakeQuietly(2);
        Assert.Equal(2, input.Send("efg"u8, TimeSpan.FromMilliseconds(1), CancellationToken.None));
    }

    [Fact]
    public void Waits_for_the_guest_to_make_room()
    {
        using CharInput input = new(_guest);
        byte[] typed = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        int sent = 0;
        Thread sender = new(() => sent = input.Send(typed, Timeout.InfiniteTimeSpan, CancellationToken.None));
        sender.Start();
        List<byte> received = [];
        while (received.Count < typed.Length)
        {
            received.AddRange(_guest.Take());
        }

        sender.Join();
        Assert.Equal(1000, sent);
        Assert.Equal(typed, received);
    }

    [Fact]
    public void Messages_of_two_senders_do_not_mix()
    {
        using CharInput input = new(_guest);
        byte[] first = new byte[100];
        byte[] second = [.. Enumerable.Repeat((byte)1, 100)];
        Thread[] senders = Array.ConvertAll(
            (byte[][])[first, second],
            message => new Thread(() => input.Send(message, Timeout.InfiniteTimeSpan, CancellationToken.None)));
        Array.ForEach(senders, sender => sender.Start());
        List<byte> received = [];
        while (received.Count < 200)
        {
            received.AddRange(_guest.Take());
        }

        Array.ForEach(senders, sender => sender.Join());
        Assert.Single(received[..100].Distinct());
        Assert.Single(received[100..].Distinct());
    }

    [Fact]
    public void The_end_of_the_machine_ends_the_wait()
    {
        using CharInput input = new(_guest);
        int sent = 0;
        Thread sender = new(() => sent = input.Send(new byte[10], Timeout.InfiniteTimeSpan, CancellationToken.None));
        sender.Start();
        input.Complete();
        sender.Join();

        Assert.True(sent is 0 or 4);
        Assert.Equal(0, input.Send("x"u8, Timeout.InfiniteTimeSpan, CancellationToken.None));
    }

    [Fact]
    public void A_wait_can_be_cancelled_and_the_next_sender_gets_his_turn()
    {
        using CharInput input = new(_guest);
        using CancellationTokenSource cancelled = new();
        cancelled.CancelAfter(1);
        Assert.ThrowsAny<OperationCanceledException>(() => input.Send(new byte[10], Timeout.InfiniteTimeSpan, cancelled.Token));
        _guest.Take();
        Assert.Equal(1, input.Send("x"u8, TimeSpan.Zero, CancellationToken.None));
    }

    /// <summary>A device with room for a few bytes.</summary>
    private sealed class SlowGuest(int room) : ICharFrontend
    {
        private readonly Lock _gate = new();
        private readonly List<byte> _waiting = [];

        public event Action? RoomAvailable;

        public int Receive(ReadOnlySpan<byte> data)
        {
            lock (_gate)
            {
                int taken = Math.Min(data.Length, room - _waiting.Count);
                _waiting.AddRange(data[..taken]);
                return taken;
            }
        }

        internal byte[] Take()
        {
            byte[] taken;
            lock (_gate)
            {
                taken = [.. _waiting];
                _waiting.Clear();
            }

            RoomAvailable?.Invoke();
            return taken;
        }

        internal void TakeQuietly(int count)
        {
            lock (_gate)
            {
                _waiting.RemoveRange(0, count);
            }
        }
    }
}
