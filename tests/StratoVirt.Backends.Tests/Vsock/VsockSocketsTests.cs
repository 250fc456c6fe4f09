using CsCheck;
using StratoVirt.Backends.Vsock;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using Xunit;

namespace StratoVirt.Backends.Tests.Vsock;

public sealed class VsockSocketsTests
{
    [Theory]
    [InlineData("CONNECT 0\n", 0)]
    [InlineData("CONNECT 52\n", 52)]
    [InlineData("CONNECT 4294967295\n", uint.MaxValue)]
    [InlineData("CONNECT 0000000052\n", 52)]
    public void A_command_names_a_port(string text, uint port)
    {
        var command = new ConnectCommand();
        foreach (char c in text[..^1])
        {
            Assert.Equal(ConnectProgress.More, command.Take((byte)c));
        }

        Assert.Equal(ConnectProgress.Complete, command.Take((byte)'\n'));
        Assert.Equal(port, command.Port);
    }

    [Theory]
    [InlineData("connect 52\n")]
    [InlineData("CONNECT\n")]
    [InlineData("CONNECT \n")]
    [InlineData("CONNECT 4294967296\n")]
    [InlineData("CONNECT 00000000052\n")]
    [InlineData("CONNECT -1\n")]
    [InlineData("CONNECT 52 \n")]
    [InlineData("\n")]
    public void Anything_else_is_invalid(string text) =>
        Assert.Contains(ConnectProgress.Invalid, Progress(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void No_command_is_longer_than_twenty_bytes() => Gen.Byte.Array[20, 40].Sample(bytes =>
        Progress(bytes).Take(20).Any(progress => progress != ConnectProgress.More));

    [Fact]
    public void Ports_of_the_host_are_files_beside_the_machines()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("stratovirt-vsock-");
        string path = Path.Combine(directory.FullName, "v");
        using (var sockets = new VsockSockets(path))
        {
            Assert.Null(sockets.TryConnect(80));
            using UnixSocket listener = UnixSocket.Listen(path + "_80");
            using UnixSocket? guest = sockets.TryConnect(80);
            Assert.NotNull(guest);
            using UnixSocket process = UnixSocket.Connect(path);
            using UnixSocket? accepted = sockets.Listener.TryAccept(out _);
            Assert.NotNull(accepted);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.False(File.Exists(path));
        directory.Delete(recursive: true);
    }

    [Fact]
    public void A_path_with_no_room_for_a_port_is_refused() =>
        Assert.Throws<LinuxException>(() => new VsockSockets("/tmp/" + new string('x', VsockSockets.MaxPathLength)));

    private static IEnumerable<ConnectProgress> Progress(byte[] bytes)
    {
        var command = new ConnectCommand();
        foreach (byte one in bytes)
        {
            yield return command.Take(one);
        }
    }
}
