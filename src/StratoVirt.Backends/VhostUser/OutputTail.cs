using System.Text;
using StratoVirt.Linux;
using StratoVirt.Linux.Net;
using StratoVirt.Linux.Processes;

namespace StratoVirt.Backends.VhostUser;

/// <summary>
/// The last lines a process has written, for the reason of its end. It writes into a connection that nobody empties until
/// somebody asks: what does not fit there is lost, and neither side ever waits or grows.
/// </summary>
internal sealed class OutputTail : IDisposable
{
    private const int MostLines = 5;
    private const int MostCharacters = 500;
    private const int ReadBytes = 4096;
    private const int MostKept = 64 << 10;

    private readonly Lock _gate = new();
    private readonly StringBuilder _all = new();
    private readonly UnixSocket _reader;
    private readonly UnixSocket _writer;

    /// <exception cref="LinuxException">No descriptors left.</exception>
    internal OutputTail() => (_reader, _writer) = UnixSocket.CreatePair();

    /// <summary>What it has written, as far as there was room.</summary>
    internal string All
    {
        get
        {
            lock (_gate)
            {
                byte[] buffer = new byte[ReadBytes];
                while (!_reader.IsClosed && _reader.Read(buffer, out int count) == Errno.None && count > 0)
                {
                    _all.Append(Encoding.UTF8.GetString(buffer, 0, count));
                    _all.Remove(0, Math.Max(0, _all.Length - MostKept));
                }

                return _all.ToString();
            }
        }
    }

    /// <summary>The last lines, in order, on one.</summary>
    internal string Text
    {
        get
        {
            string[] lines = All.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return string.Join(" / ", lines.TakeLast(MostLines).Select(line => line.Length > MostCharacters ? line[..MostCharacters] : line));
        }
    }

    /// <summary>Starts the process.</summary>
    /// <param name="program">Its file; without a slash, one on PATH.</param>
    /// <param name="arguments">What follows its name.</param>
    /// <exception cref="VhostUserException">It cannot be started.</exception>
    internal ChildProcess Launch(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            // A session of its own: the keyboard's Ctrl-C is for the shell, not for a machine's file server.
            return ChildProcess.Start(new ChildPlan { Path = program, Arguments = arguments, Output = _writer, OwnSession = true });
        }
        catch (LinuxException refused)
        {
            throw new VhostUserException($"'{program}' cannot be started: {refused.Message}", refused);
        }
        finally
        {
            _writer.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
    }
}
