using System.Buffers.Binary;
using CsCheck;
using StratoVirt.Backends.Char;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Backends.Tests.Char;

public sealed class ConsoleBufferTests
{
    [Fact]
    public void A_new_reader_gets_the_history_that_is_kept()
    {
        ConsoleBuffer buffer = new(8);
        buffer.Write("hello world"u8);
        byte[] read = new byte[20];
        long position = 0;

        Assert.Equal(8, buffer.Read(ref position, read));
        Assert.Equal("lo world"u8, read.AsSpan(0, 8));
        Assert.Equal(11, position);
        Assert.Equal(0, buffer.Read(ref position, read));
        Assert.Equal(11, buffer.Written);
    }

    [Fact]
    public void Somebody_who_watches_is_told_once_of_output_behind_his_position_or_of_the_end()
    {
        ConsoleBuffer buffer = new(8);
        int told = 0;
        void Tell() => told++;
        buffer.Write("ab"u8);
        buffer.Watch(1, Tell);
        Assert.Equal(1, told);
        buffer.Watch(2, Tell);
        Assert.Equal(1, told);
        buffer.Write("c"u8);
        buffer.Write("d"u8);
        Assert.Equal(2, told);
        buffer.Watch(4, Tell);
        buffer.Unwatch(Tell);
        buffer.Write("e"u8);
        Assert.Equal(2, told);
        buffer.Watch(5, Tell);
        buffer.Complete();
        Assert.Equal(3, told);
        buffer.Watch(5, Tell);
        Assert.Equal(4, told);
    }

    [Fact]
    public void A_write_longer_than_the_buffer_leaves_its_end()
    {
        ConsoleBuffer buffer = new(4);
        buffer.Write("x"u8);
        buffer.Write("0123456789"u8);
        byte[] read = new byte[4];
        long position = 0;

        Assert.Equal(4, buffer.Read(ref position, read));
        Assert.Equal("6789"u8, read);
        Assert.Equal(11, position);
    }

    [Fact]
    public void Positions_from_nowhere_do_no_harm()
    {
        ConsoleBuffer buffer = new(4);
        buffer.Write("abc"u8);
        byte[] read = new byte[4];
        long position = long.MinValue;
        Assert.Equal(3, buffer.Read(ref position, read));
        position = long.MaxValue;
        Assert.Equal(0, buffer.Read(ref position, read));
        Assert.False(buffer.WaitForOutput(long.MaxValue, TimeSpan.Zero, CancellationToken.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConsoleBuffer(0));
    }

    /// <summary>Against the plainest model: the whole stream in a list.</summary>
    [Fact]
    public void Agrees_with_the_whole_stream() =>
        Gen.Select(Gen.Int[1, 40], Gen.Select(Gen.Bool, Gen.Int[0, 60]).Array[0, 60]).Sample((capacity, steps) =>
        {
            ConsoleBuffer buffer = new(capacity);
            List<byte> stream = [];
            long position = 0;
            byte[] space = new byte[60];
            foreach ((bool write, int size) in steps)
            {
                if (write)
                {
                    byte[] data = [.. Enumerable.Range(stream.Count, size).Select(i => (byte)i)];
                    buffer.Write(data);
                    stream.AddRange(data);
                    continue;
                }

                int oldest = Math.Max((int)position, Math.Max(0, stream.Count - capacity));
                byte[] expected = [.. stream.Skip(oldest).Take(size)];
                int count = buffer.Read(ref position, space.AsSpan(0, size));
                Assert.Equal(expected, space[..count]);
                Assert.Equal(oldest + count, position);
            }

            Assert.Equal(stream.Count, buffer.Written);
        });

    [Fact]
    public void Waiting_ends_with_output_with_the_time_and_with_the_machine()
    {
        ConsoleBuffer buffer = new(16);
        Assert.False(buffer.WaitForOutput(0, TimeSpan.FromMilliseconds(1), CancellationToken.None));
        buffer.Write("x"u8);
        Assert.True(buffer.WaitForOutput(0, Timeout.InfiniteTimeSpan, CancellationToken.None));
        Assert.False(buffer.WaitForOutput(1, TimeSpan.Zero, CancellationToken.None));
        buffer.Complete();
        Assert.False(buffer.WaitForOutput(1, Timeout.InfiniteTimeSpan, CancellationToken.None));
        Assert.True(buffer.WaitForOutput(0, Timeout.InfiniteTimeSpan, CancellationToken.None));
        Assert.True(buffer.IsComplete);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.WaitForOutput(0, TimeSpan.FromSeconds(-5), CancellationToken.None));
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        ConsoleBuffer buffer = new(16);
        using CancellationTokenSource source = new();
        Task<bool> waiting = Task.Run(() => buffer.WaitForOutput(0, Timeout.InfiniteTimeSpan, source.Token), TestContext.Current.CancellationToken);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Waiters at different positions, of whom the first to wake must not swallow the others' signal.</summary>
    [Fact]
    public void Every_waiter_is_woken_at_his_position()
    {
        const int Waiters = 8;
        const int Rounds = 200;
        ConsoleBuffer buffer = new(64);
        int missed = 0;
        Thread[] threads = new Thread[Waiters];
        for (int i = 0; i < Waiters; i++)
        {
            int step = i + 1;
            threads[i] = new Thread(() =>
            {
                for (long position = step; position < Rounds * 8; position += step)
                {
                    if (!buffer.WaitForOutput(position, TimeSpan.FromMinutes(1), CancellationToken.None))
                    {
                        Interlocked.Increment(ref missed);
                        return;
                    }
                }
            });
            threads[i].Start();
        }

        for (int i = 0; i < Rounds * 8; i++)
        {
            buffer.Write([(byte)i]);
            if (i % 8 == 0)
            {
                Thread.Yield();
            }
        }

        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(0, missed);
    }

    /// <summary>In step, so that the reader nearly always sleeps when the byte comes.</summary>
    [Fact]
    public void A_reader_that_follows_byte_by_byte_is_woken_by_each()
    {
        const int Bytes = 2000;
        ConsoleBuffer buffer = new(64);
        using SemaphoreSlim taken = new(0);
        Thread reader = new(() =>
        {
            // Without a timeout: a wait that times out looks again, and would hide that nobody has woken it.
            for (int position = 0; buffer.WaitForOutput(position, Timeout.InfiniteTimeSpan, CancellationToken.None); position++)
            {
                taken.Release();
            }
        });
        reader.Start();
        int woken = 0;
        for (bool awake = true; woken < Bytes && awake; woken += awake ? 1 : 0)
        {
            Thread.Yield();
            buffer.Write([0]);
            awake = taken.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        buffer.Complete();
        reader.Join();
        Assert.Equal(Bytes, woken);
    }

    /// <summary>The stream is numbered words; a reader who is lapped skips, but what he gets is in order and whole.</summary>
    [Theory]
    [InlineData(64)]
    [InlineData(4096)]
    public void A_reader_beside_a_fast_writer_never_sees_a_torn_byte(int capacity)
    {
        const int Words = 300_000;
        ConsoleBuffer buffer = new(capacity);
        int bad = 0;
        long seen = 0;
        Thread reader = new(() =>
        {
            byte[] space = new byte[capacity];
            byte[] word = new byte[4];
            long position = 0;
            while (buffer.WaitForOutput(position, Timeout.InfiniteTimeSpan, CancellationToken.None))
            {
                int count = buffer.Read(ref position, space);
                long start = position - count;
                for (int i = 0; i < count; i++)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(word, (int)((start + i) / 4));
                    bad += space[i] == word[(start + i) % 4] ? 0 : 1;
                }

                seen += count;
            }
        });
        reader.Start();
        byte[] data = new byte[4];
        for (int i = 0; i < Words; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(data, i);
            buffer.Write(data);
        }

        buffer.Complete();
        reader.Join();
        Assert.Equal(0, bad);
        Assert.InRange(seen, Math.Min(capacity, Words * 4), Words * 4);
    }

    [Fact]
    public void Writers_on_several_threads_lose_nothing()
    {
        ConsoleBuffer buffer = new(100_000);
        Parallel.For(0, 4, i =>
        {
            for (int j = 0; j < 5000; j++)
            {
                buffer.Write([(byte)i]);
            }
        });
        byte[] all = new byte[100_000];
        long position = 0;
        int count = buffer.Read(ref position, all);

        Assert.Equal(20_000, count);
        Assert.Equal([5000, 5000, 5000, 5000], all[..count].CountBy(value => value).OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        ConsoleBuffer buffer = new(1000);
        byte[] data = new byte[300];
        long position = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            buffer.Write(data);
            buffer.Read(ref position, data);
            buffer.Write(data.AsSpan(0, 1));
        }));
        Assert.Equal(0, Allocations.Of(() => NullChar.Instance.Write(data)));
    }
}
