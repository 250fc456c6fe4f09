using System.Net.Sockets;

namespace StratoVirt.Bench.Suites;

/// <summary>A Unix socket whose connections are read as fast as one thread can.</summary>
internal sealed class StreamDrain : IDisposable
{
    private readonly string _path;
    private readonly Socket _listener;
    private readonly Thread _thread;

    /// <summary>Listens.</summary>
    public StreamDrain(string path)
    {
        _path = path;
        File.Delete(path);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _thread = new Thread(Run) { IsBackground = true, Name = "drain" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
        File.Delete(_path);
    }

    private void Run()
    {
        byte[] buffer = new byte[256 << 10];
        try
        {
            while (true)
            {
                using Socket connection = _listener.Accept();
                while (connection.Receive(buffer, SocketFlags.None, out _) > 0)
                {
                }
            }
        }
        catch (SocketException)
        {
            // Disposed of.
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
