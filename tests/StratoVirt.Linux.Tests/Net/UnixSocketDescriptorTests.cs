using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;
using StratoVirt.Testing;

namespace StratoVirt.Linux.Tests.Net;

public sealed class UnixSocketDescriptorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly UnixSocket _one;
    private readonly UnixSocket _other;

    public UnixSocketDescriptorTests()
    {
        using UnixSocket listener = UnixSocket.Listen(_directory["s"]);
        _one = UnixSocket.Connect(_directory["s"]);
        _other = listener.TryAccept(out _)!;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(UnixSocket.MaxDescriptors)]
    public void Descriptors_arrive_beside_the_bytes(int count)
    {
        EventFd[] events = [.. Enumerable.Range(0, count).Select(_ => EventFd.Create())];
        Assert.Equal(Errno.None, _one.Send("hello"u8, [.. events], out int sent));
        byte[] buffer = new byte[10];
        var received = new FileDescriptor?[UnixSocket.MaxDescriptors];
        Assert.Equal(Errno.None, _other.Receive(buffer, received, out int length, out int descriptors));
        Assert.Equal((5, 5, count), (sent, length, descriptors));
        Assert.Equal("hello"u8, buffer[..5]);
        for (int i = 0; i < count; i++)
        {
            received[i]!.Write([1, 0, 0, 0, 0, 0, 0, 0], out _);
            Assert.Equal(1UL, events[i].Drain());
            received[i]!.Dispose();
            events[i].Dispose();
        }
    }

    [Fact]
    public void Descriptors_with_no_place_are_closed()
    {
        using FileDescriptor gift = FileDescriptor.Open(_directory["gift"], OpenFlags.WriteOnly | OpenFlags.Create, 0x180);
        for (int i = 0; i < 50; i++)
        {
            _one.Send("x"u8, [gift, gift], out _);
            _other.Receive(new byte[1], [], out int length, out int descriptors);
            Assert.Equal((1, 0), (length, descriptors));
        }

        Assert.Equal(1, OpenDescriptors.To(_directory["gift"]));
    }

    [Fact]
    public void Too_many_descriptors_are_a_mistake() => Assert.Throws<ArgumentOutOfRangeException>(
        () => _one.Send("x"u8, new FileDescriptor[UnixSocket.MaxDescriptors + 1], out _));

    [Fact]
    public void An_empty_connection_says_try_again() =>
        Assert.Equal(Errno.Again, _other.Receive(new byte[1], [], out _, out _));

    [Fact]
    public void A_direction_can_end_alone()
    {
        _one.Shutdown(reading: false, writing: true);
        Assert.Equal(Errno.None, _other.Read(new byte[1], out int count));
        Assert.Equal(0, count);
        Assert.Equal(Errno.None, _other.Send("x"u8, out _));
        _one.Shutdown(reading: true, writing: false);
        Assert.Equal(Errno.BrokenPipe, _other.Send("x"u8, out _));
    }

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
        _directory.Dispose();
    }
}
