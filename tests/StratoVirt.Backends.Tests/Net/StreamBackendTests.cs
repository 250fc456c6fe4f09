using System.Buffers.Binary;
using CsCheck;
using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Stream;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Memory;
using StratoVirt.Testing;
using Xunit;

namespace StratoVirt.Backends.Tests.Net;

public sealed class StreamBackendTests : IDisposable
{
    private static readonly byte[] Header = new byte[INetBackend.HeaderLength];

    private readonly FrameMemory _memory = new();
    private readonly UnixSocket _peer;
    private readonly StreamBackend _backend;
    private readonly INetQueue _queue;

    public StreamBackendTests()
    {
        (UnixSocket ours, _peer) = UnixSocket.CreatePair();
        _backend = new StreamBackend(ours);
        _queue = _backend.Queues[0];
    }

    public void Dispose()
    {
        _backend.Dispose();
        _peer.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public void AFrameIsSentBehindItsLength()
    {
        byte[] frame = Frame(100);
        Assert.Equal(NetStatus.Done, _queue.Send(Header, _memory.Pieces(frame, 33)));
        byte[] received = new byte[200];
        Assert.Equal(Errno.None, _peer.Read(received, out int count));
        Assert.Equal<byte>([0, 0, 0, 100, .. frame], received[..count]);
    }

    [Fact]
    public void FramesComeWholeHoweverTheyAreCut() => Gen.Select(
        Gen.Int[NetFrame.MinLength, 3000].List[1, 8],
        Gen.Int[1, 2000],
        Gen.Int[0, 1500],
        (lengths, cut, room) => (lengths, cut, room)).Sample(sample =>
        {
            byte[][] frames = [.. sample.lengths.Select(Frame)];
            byte[] stream = [.. frames.SelectMany(frame => Prefix(frame.Length).Concat(frame))];
            var got = new List<byte[]>();
            using var memory = new FrameMemory();
            GuestBuffer[] room = memory.Pieces(new byte[sample.room], 100);
            for (int offset = 0; offset < stream.Length; offset += sample.cut)
            {
                Assert.Equal(Errno.None, _peer.WriteAll(stream.AsSpan(offset, Math.Min(sample.cut, stream.Length - offset))));
                while (Receive(room) is { } frame)
                {
                    got.Add(frame);
                }
            }

            Assert.Equal(frames, got);
        }, iter: 100, threads: 1);

    [Fact]
    public void AFullConnectionHoldsFramesBackAndLosesNoByte()
    {
        byte[] frame = Frame(60_000);
        GuestBuffer[] pieces = _memory.Pieces(frame, 4096);
        int sent = 0;
        while (_queue.Send(Header, pieces) == NetStatus.Done)
        {
            sent++;
        }

        Assert.True(sent > 0);
        byte[] expected = [.. Enumerable.Repeat(Prefix(frame.Length).Concat(frame), sent).SelectMany(bytes => bytes)];
        byte[] received = new byte[expected.Length + 1];
        int count = 0;
        while (_peer.Read(received.AsSpan(count), out int more) == Errno.None)
        {
            count += more;
            _queue.Flush();
        }

        Assert.Equal(expected, received[..count]);
        Assert.Equal(NetStatus.Done, _queue.Send(Header, pieces));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(13u)]
    [InlineData(70_000u)]
    [InlineData(0xFFFF_FFFFu)]
    public void ALengthThatCannotBeEndsTheConnection(uint length)
    {
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, length);
        Assert.Equal(Errno.None, _peer.WriteAll(prefix));
        Assert.Equal(NetStatus.Gone, _queue.Receive(new byte[INetBackend.HeaderLength], default, default, out _));
        Assert.Contains($"{length} bytes", _backend.Problem, StringComparison.Ordinal);
        Assert.Equal(NetStatus.Gone, _queue.Send(Header, _memory.Pieces(Frame(60), 60)));
    }

    [Fact]
    public void APeerThatGoesIsNoticedBothWays()
    {
        Assert.Null(_backend.Problem);
        _peer.Dispose();
        Assert.Equal(NetStatus.Gone, _queue.Send(Header, _memory.Pieces(Frame(60), 60)));
        Assert.Equal(NetStatus.Gone, _queue.Receive(new byte[INetBackend.HeaderLength], default, default, out _));
        Assert.Contains("closed", _backend.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void NobodyListeningIsExplained()
    {
        NetBackendException error = Assert.Throws<NetBackendException>(() => StreamBackend.Connect("/nowhere/socket"));
        Assert.Equal(NetBackendError.NotFound, error.Error);
        Assert.Contains("/nowhere/socket", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MovingFramesAllocatesNothing()
    {
        GuestBuffer[] frame = _memory.Pieces(Frame(1000), 300);
        byte[] echo = new byte[2000];
        byte[] header = new byte[INetBackend.HeaderLength];
        byte[] rest = new byte[100];
        Assert.Equal(0, Allocations.Of(() =>
        {
            _queue.Send(Header, frame);
            _peer.Read(echo, out int count);
            _peer.WriteAll(echo.AsSpan(0, count));
            _queue.Receive(header, frame, rest, out _);
        }));
    }

    private static byte[] Frame(int length)
    {
        byte[] frame = new byte[length];
        new Random(length).NextBytes(frame);
        return frame;
    }

    private static byte[] Prefix(int length)
    {
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        return prefix;
    }

    private byte[]? Receive(GuestBuffer[] room)
    {
        byte[] header = [.. Enumerable.Repeat((byte)0xEE, INetBackend.HeaderLength)];
        byte[] rest = new byte[NetFrame.MaxLength];
        NetStatus status = _queue.Receive(header, room, rest, out int length);
        if (status == NetStatus.WouldBlock)
        {
            return null;
        }

        Assert.Equal(NetStatus.Done, status);
        Assert.Equal(new byte[INetBackend.HeaderLength], header);
        byte[] all = [.. FrameMemory.Join(room), .. rest];
        return all[..length];
    }
}
