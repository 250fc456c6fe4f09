using System.Text;
using StratoVirt.Backends.Char;
using StratoVirt.Backends.Io;

namespace StratoVirt.Devices.Tests.Virtio.Console;

/// <summary>A host end whose every move the test makes. What the test does to it happens on the device's thread.</summary>
internal sealed class ScriptedChannel : ICharChannel
{
    private readonly byte[] _input = new byte[1 << 20];
    private readonly byte[] _output = new byte[1 << 20];
    private int _inputStart;
    private int _inputEnd;
    private int _outputLength;
    private IoThread? _thread;
    private ICharChannelUser? _user;

    public bool IsConnected { get; private set; }

    public string? Problem => IsConnected ? null : "scripted";

    internal int Room { get; set; } = int.MaxValue;

    internal bool IsDisposed { get; private set; }

    internal string Output => Encoding.Latin1.GetString(_output, 0, _outputLength);

    internal int OutputLength => _outputLength;

    public void Attach(IoThread thread, ICharChannelUser user) => (_thread, _user) = (thread, user);

    public int Write(ReadOnlySpan<byte> data)
    {
        int count = IsConnected ? Math.Min(data.Length, Room) : 0;
        data[..count].CopyTo(_output.AsSpan(_outputLength));
        _outputLength += count;
        Room -= count;
        return count;
    }

    public int Read(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, _inputEnd - _inputStart);
        _input.AsSpan(_inputStart, count).CopyTo(destination);
        _inputStart += count;
        return count;
    }

    public void Dispose() => IsDisposed = true;

    internal ScriptedChannel Connected()
    {
        IsConnected = true;
        return this;
    }

    internal void Connect(bool connected = true) => _thread!.Invoke(() =>
    {
        IsConnected = connected;
        _user!.ConnectionChanged(connected);
    });

    internal void Type(string text) => _thread!.Invoke(() =>
    {
        _inputEnd += Encoding.Latin1.GetBytes(text, _input.AsSpan(_inputEnd));
        _user!.InputAvailable();
    });

    internal void MakeRoom(int bytes) => _thread!.Invoke(() =>
    {
        Room = bytes;
        _user!.RoomAvailable();
    });

    /// <summary>Starts over, without an event.</summary>
    internal void Rewind(int input = 0) => (_inputStart, _inputEnd, _outputLength, Room) = (0, input, 0, int.MaxValue);
}
