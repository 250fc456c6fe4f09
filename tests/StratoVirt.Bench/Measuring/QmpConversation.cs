using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace StratoVirt.Bench.Measuring;

/// <summary>One client of a QMP socket, which asks one thing at a time.</summary>
internal sealed class QmpConversation : IDisposable
{
    private const int ConnectStepMs = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _name;
    private readonly Socket _socket;
    private readonly StreamReader _answers;
    private readonly Queue<string> _events = new();

    private QmpConversation(string name, Socket socket)
    {
        _name = name;
        _socket = socket;
        _answers = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
    }

    /// <summary>Waits for the socket, connects and greets.</summary>
    /// <param name="name">Who is at the other end, for errors.</param>
    /// <param name="path">The socket.</param>
    /// <param name="process">Whose socket it is: waiting ends with it.</param>
    public static QmpConversation Begin(string name, string path, Process process)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
                var conversation = new QmpConversation(name, socket);
                conversation.ReadUntil("QMP");
                conversation.Execute("""{"execute":"qmp_capabilities"}""");
                return conversation;
            }
            catch (SocketException refused)
            {
                socket.Dispose();
                if (clock.Elapsed > Patience || process.HasExited)
                {
                    string why = process.HasExited ? process.StandardError.ReadToEnd().Trim() : refused.Message;
                    throw new BenchException($"{name} has no QMP socket after {clock.Elapsed.TotalSeconds:F0} s: {why}");
                }

                Thread.Sleep(ConnectStepMs);
            }
        }
    }

    /// <summary>Has something done and waits for the answer.</summary>
    /// <exception cref="BenchException">It was refused.</exception>
    public void Execute(string command)
    {
        _socket.Send(Encoding.UTF8.GetBytes(command + "\n"));
        ReadUntil("return");
    }

    /// <summary>Waits for an event whose line holds a text, if it has not come already.</summary>
    public void Await(string happening, string text)
    {
        while (true)
        {
            string line = _events.TryDequeue(out string? earlier) ? earlier : ReadUntil("event");
            if (line.Contains($"\"{happening}\"", StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _answers.Dispose();
        _socket.Dispose();
    }

    private string ReadUntil(string member)
    {
        while (ReadLine() is { } line)
        {
            using JsonDocument message = JsonDocument.Parse(line);
            if (message.RootElement.TryGetProperty("error", out JsonElement error))
            {
                throw new BenchException($"{_name}: {error}");
            }

            if (message.RootElement.TryGetProperty(member, out _))
            {
                return line;
            }

            _events.Enqueue(line);
        }

        throw new BenchException($"{_name} does not answer on its QMP socket; '{member}' was expected");
    }

    private string? ReadLine()
    {
        try
        {
            return _answers.ReadLine();
        }
        catch (IOException)
        {
            // It has ended with something of ours unread, or says nothing for too long.
            return null;
        }
    }
}
