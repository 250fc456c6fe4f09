using System.Net.Sockets;

namespace StratoVirt.Host.Tests.Native;

/// <summary>A QMP client that knows no more than a line can tell, as socat does.</summary>
internal sealed class QmpTalk : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StreamReader _lines;

    public QmpTalk(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _socket.ReceiveTimeout = 60_000;
        _lines = new StreamReader(new NetworkStream(_socket));
        Assert.Contains("\"QMP\"", _lines.ReadLine(), StringComparison.Ordinal);
        Assert.Contains("\"return\"", Ask("qmp_capabilities"), StringComparison.Ordinal);
    }

    /// <summary>The answer to a command; events on the way are passed over.</summary>
    public string Ask(string command)
    {
        _socket.Send(System.Text.Encoding.UTF8.GetBytes($"{{\"execute\":\"{command}\"}}\n"));
        while (true)
        {
            string line = _lines.ReadLine() ?? throw new EndOfStreamException($"The server left over '{command}'.");
            if (!line.Contains("\"event\"", StringComparison.Ordinal))
            {
                return line;
            }
        }
    }

    public void Dispose()
    {
        _lines.Dispose();
        _socket.Dispose();
    }
}
