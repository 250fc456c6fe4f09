using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using StratoVirt.Linux;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Net;

namespace StratoVirt.Control.Tests;

/// <summary>A client made of nothing of ours: a socket and lines.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Queue<string> _lines = new();
    private readonly StringBuilder _partial = new();

    public RawClient(string path)
    {
        Socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
            SendTimeout = (int)Patience.TotalMilliseconds,
        };
        Socket.Connect(new UnixDomainSocketEndPoint(path));
    }

    public Socket Socket { get; }

    public void Send(string text) => Socket.Send(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends text with descriptors beside it (SCM_RIGHTS), which .NET's sockets cannot.</summary>
    public void Send(string text, params FileDescriptor[] beside)
    {
        using var borrowed = new FileDescriptor((int)Socket.Handle, ownsHandle: false);
        using UnixSocket copy = UnixSocket.Adopt(borrowed.Duplicate());
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal((Errno.None, bytes.Length), (copy.Send(bytes, beside, out int count), count));
    }

    /// <summary>The next line; null when the server has closed.</summary>
    public string? ReadLine()
    {
        var buffer = new byte[4096];
        while (_lines.Count == 0)
        {
            int count = Socket.Receive(buffer);
            if (count == 0)
            {
                return null;
            }

            foreach (char c in Encoding.UTF8.GetString(buffer, 0, count))
            {
                if (c == '\n')
                {
                    _lines.Enqueue(_partial.ToString().TrimEnd('\r'));
                    _partial.Clear();
                }
                else
                {
                    _partial.Append(c);
                }
            }
        }

        return _lines.Dequeue();
    }

    /// <summary>Sends a command and reads to its answer; events before it are collected.</summary>
    public JsonElement Execute(string command, string? arguments = null)
    {
        Send(Line(command, arguments));
        return ReadAnswer(command);
    }

    /// <summary>The same with descriptors beside the command.</summary>
    public JsonElement Execute(string command, string arguments, params FileDescriptor[] beside)
    {
        Send(Line(command, arguments), beside);
        return ReadAnswer(command);
    }

    private static string Line(string command, string? arguments) =>
        arguments is null ? $"{{\"execute\":\"{command}\"}}" : $"{{\"execute\":\"{command}\",\"arguments\":{arguments}}}";

    private JsonElement ReadAnswer(string command)
    {
        while (true)
        {
            JsonElement message = JsonDocument.Parse(ReadLine() ?? throw new EndOfStreamException(command)).RootElement;
            if (!message.TryGetProperty("event", out _))
            {
                return message;
            }

            Events.Add(message);
        }
    }

    /// <summary>The result of a command that must not fail.</summary>
    public JsonElement Return(string command, string? arguments = null)
    {
        JsonElement answer = Execute(command, arguments);
        return answer.TryGetProperty("return", out JsonElement result) ? result : throw new InvalidOperationException($"{command}: {answer}");
    }

    /// <summary>Class and description of the error of a command that must fail.</summary>
    public (string Class, string Description) Error(string command, string? arguments = null)
    {
        JsonElement answer = Execute(command, arguments);
        return answer.TryGetProperty("error", out JsonElement error)
            ? (error.GetProperty("class").GetString()!, error.GetProperty("desc").GetString()!)
            : throw new InvalidOperationException($"{command} did not fail: {answer}");
    }

    /// <summary>Reads on until an event of that name comes, or takes one that came before.</summary>
    public JsonElement WaitForEvent(string name)
    {
        while (true)
        {
            int index = Events.FindIndex(message => message.GetProperty("event").GetString() == name);
            if (index >= 0)
            {
                JsonElement found = Events[index];
                Events.RemoveAt(index);
                return found;
            }

            Events.Add(JsonDocument.Parse(ReadLine() ?? throw new EndOfStreamException(name)).RootElement);
        }
    }

    public List<JsonElement> Events { get; } = [];

    public void Dispose() => Socket.Dispose();
}
