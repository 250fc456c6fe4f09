using StratoVirt.Linux.Net;

namespace StratoVirt.Linux.Tests.Net;

public sealed class UnixSocketTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Carries_bytes_both_ways_and_never_waits()
    {
        using UnixSocket listener = UnixSocket.Listen(_directory["s"]);
        Assert.Null(listener.TryAccept(out Errno none));
        Assert.Equal(Errno.Again, none);

        using UnixSocket client = UnixSocket.Connect(_directory["s"]);
        using UnixSocket server = listener.TryAccept(out _)!;
        byte[] buffer = new byte[8];
        Assert.Equal(Errno.Again, server.Read(buffer, out _));
        Assert.Equal(Errno.None, client.Send("ping"u8, out int sent));
        Assert.Equal(4, sent);
        Assert.Equal(Errno.None, server.Read(buffer, out int count));
        Assert.Equal("ping"u8, buffer.AsSpan(0, count));
        Assert.Equal(Errno.None, server.Send("pong"u8, out _));
        Assert.Equal(Errno.None, client.Read(buffer, out count));
        Assert.Equal("pong"u8, buffer.AsSpan(0, count));
    }

    [Fact]
    public void A_peer_that_is_gone_is_an_error_and_no_signal()
    {
        using UnixSocket listener = UnixSocket.Listen(_directory["s"]);
        UnixSocket client = UnixSocket.Connect(_directory["s"]);
        using UnixSocket server = listener.TryAccept(out _)!;
        client.Dispose();
        Assert.Equal(Errno.BrokenPipe, server.Send("x"u8, out int sent));
        Assert.Equal(0, sent);
    }

    [Fact]
    public void The_file_is_its_owners_alone()
    {
        using UnixSocket listener = UnixSocket.Listen(_directory["s"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["s"]));
    }

    [Fact]
    public void A_file_nobody_listens_at_is_replaced()
    {
        UnixSocket.Listen(_directory["s"]).Dispose();
        Assert.True(File.Exists(_directory["s"]));
        using UnixSocket listener = UnixSocket.Listen(_directory["s"]);
        using UnixSocket client = UnixSocket.Connect(_directory["s"]);
    }

    [Fact]
    public void A_listener_keeps_its_path()
    {
        using UnixSocket listener = UnixSocket.Listen(_directory["s"]);
        LinuxException refused = Assert.Throws<LinuxException>(() => UnixSocket.Listen(_directory["s"]));
        Assert.Equal(Errno.AddressInUse, refused.Errno);
        using UnixSocket client = UnixSocket.Connect(_directory["s"]);
    }

    [Fact]
    public void Another_file_is_not_touched()
    {
        File.WriteAllText(_directory["s"], "precious");
        Assert.Equal(Errno.Exists, Assert.Throws<LinuxException>(() => UnixSocket.Listen(_directory["s"])).Errno);
        Assert.Equal("precious", File.ReadAllText(_directory["s"]));
    }

    [Fact]
    public void Says_why_it_cannot_connect()
    {
        Assert.Null(UnixSocket.TryConnect(_directory["none"], out Errno errno));
        Assert.Equal(Errno.NoEntry, errno);
        UnixSocket.Listen(_directory["s"]).Dispose();
        Assert.Null(UnixSocket.TryConnect(_directory["s"], out errno));
        Assert.Equal(Errno.ConnectionRefused, errno);
    }

    [Fact]
    public void A_path_has_room_for_its_zero()
    {
        string longest = _directory[new string('s', UnixSocket.MaxPathLength - _directory.Path.Length - 1)];
        UnixSocket.Listen(longest).Dispose();
        Assert.Throws<LinuxException>(() => UnixSocket.Listen(longest + "s"));
    }
}
