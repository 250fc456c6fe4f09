using StratoVirt.Backends.Char;
using StratoVirt.Backends.Io;

namespace StratoVirt.Backends.Tests.Char;

/// <summary>A channel on an I/O thread of its own, with a user that reads when it is told to and notes what it hears.
/// Waits are for events, with a limit that only a failing test meets.</summary>
internal sealed class ChannelBench : ICharChannelUser, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly object _changed = new();
    private readonly List<byte> _input = [];
    private readonly List<bool> _connections = [];
    private readonly List<Exception> _faults = [];
    private readonly ICharChannel _channel;
    private int _rooms;

    internal ChannelBench(ICharChannel channel, bool reads = true)
    {
        _channel = channel;
        Reads = reads;
        Thread = new IoThread("channel-test", _faults.Add);
        Thread.Invoke(() => channel.Attach(Thread, this));
    }

    internal IoThread Thread { get; }

    /// <summary>Whether input is read when it comes.</summary>
    internal bool Reads { get; private set; }

    internal IReadOnlyList<Exception> Faults => _faults;

    internal byte[] Input
    {
        get
        {
            lock (_changed)
            {
                return [.. _input];
            }
        }
    }

    internal bool[] Connections
    {
        get
        {
            lock (_changed)
            {
                return [.. _connections];
            }
        }
    }

    public void ConnectionChanged(bool isConnected)
    {
        lock (_changed)
        {
            _connections.Add(isConnected);
            Monitor.PulseAll(_changed);
        }
    }

    public void InputAvailable()
    {
        if (!Reads)
        {
            return;
        }

        byte[] buffer = new byte[1000];
        int count;
        while ((count = _channel.Read(buffer)) > 0)
        {
            lock (_changed)
            {
                _input.AddRange(buffer.AsSpan(0, count));
                Monitor.PulseAll(_changed);
            }
        }
    }

    public void RoomAvailable()
    {
        lock (_changed)
        {
            _rooms++;
            Monitor.PulseAll(_changed);
        }
    }

    /// <summary>Reads what is there, and from now on what comes.</summary>
    internal void StartReading() => Thread.Invoke(() =>
    {
        Reads = true;
        InputAvailable();
    });

    internal int Write(ReadOnlySpan<byte> data)
    {
        byte[] copy = data.ToArray();
        int taken = 0;
        Thread.Invoke(() => taken = _channel.Write(copy));
        return taken;
    }

    /// <summary>Writes all of it, waiting for room.</summary>
    internal void WriteAll(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int rooms = Volatile.Read(ref _rooms);
            int taken = Write(data);
            data = data[taken..];
            if (!data.IsEmpty && taken == 0)
            {
                Await(() => _rooms > rooms, "room");
            }
        }
    }

    internal void AwaitInput(int bytes) => Await(() => _input.Count >= bytes, $"{bytes} bytes of input");

    internal void AwaitConnections(int changes) => Await(() => _connections.Count >= changes, $"{changes} changes of the connection");

    internal void AwaitRoom(int times) => Await(() => _rooms >= times, "room");

    public void Dispose()
    {
        Thread.Invoke(_channel.Dispose);
        Thread.Dispose();
    }

    private void Await(Func<bool> condition, string what)
    {
        lock (_changed)
        {
            while (!condition())
            {
                if (!Monitor.Wait(_changed, Limit))
                {
                    throw new TimeoutException($"{what} did not come; faults: {string.Join(", ", _faults)}");
                }
            }
        }
    }
}
