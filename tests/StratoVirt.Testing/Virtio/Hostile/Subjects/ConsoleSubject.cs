using System.Buffers.Binary;
using StratoVirt.Backends.Char;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio;
using StratoVirt.Devices.Virtio.Console;

namespace StratoVirt.Testing.Virtio.Hostile.Subjects;

/// <summary>A console device whose ports, and whoever is at their host ends, come and go.</summary>
public sealed class ConsoleSubject : DeviceSubject
{
    private const int MaxPorts = 4;
    private const int ControlIn = 2;
    private const int ControlOut = 3;
    private const ulong Multiport = 2;

    private readonly List<Channel> _channels = [];
    private ConsoleDevice _device = null!;

    /// <inheritdoc/>
    public override int ProbeQueue => ControlOut;

    /// <inheritdoc/>
    public override bool TryCompose(int queue, ulong features, RequestPlan plan, ref Choices choices)
    {
        switch (queue)
        {
            case ControlOut:
                byte[] message = new byte[8];
                BinaryPrimitives.WriteInt32LittleEndian(message, choices.Below(MaxPorts + 1));
                BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), choices.Below(4) switch { 0 => 0, 1 => 6, 2 => (ushort)choices.Below(9), _ => 3 });
                BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), choices.Once(4) ? (ushort)0 : (ushort)1);
                plan.WithSplit(Memory.Readable(message), choices.Once(2) ? choices.Below(8) : 0);
                return true;
            case ControlIn:
                plan.With(Memory.Writable(choices.Once(8) ? choices.Below(8) : 300));
                return true;
            case var data when data % 2 == 0:
                plan.WithSplit(Memory.Writable(200), choices.Below(200));
                return true;
            default:
                int length = choices.Once(8) ? 20_000 : 1 + choices.Below(400);
                DriverBuffer text = Memory.Writable(length) with { IsWritable = false };
                Memory.Span(text).Fill((byte)'t');
                plan.WithSplit(text, choices.Below(length));
                return true;
        }
    }

    /// <inheritdoc/>
    public override string? Judge(int queue, RequestPlan plan, uint written) =>
        queue % 2 == 1 && written != 0 ? $"{written} bytes were written to what the device only reads" : null;

    /// <inheritdoc/>
    public override void Act(ref Choices choices)
    {
        Channel? channel = _channels.Count > 0 ? _channels[choices.Below(_channels.Count)] : null;
        switch (choices.Below(10))
        {
            case 0:
                TryAddPort(ref choices);
                break;
            case 1:
                _ = _device.RemovePort(choices.Below(MaxPorts));
                _channels.RemoveAll(candidate => candidate.IsDisposed);
                break;
            case 2:
                _ = _device.Resize(choices.Below(MaxPorts), (ushort)(1 + choices.Below(300)), (ushort)(1 + choices.Below(100)));
                break;
            case 3 or 4:
                channel?.Connect(!choices.Once(3));
                break;
            case 5 or 6:
                channel?.Type(1 + choices.Below(500));
                break;
            case 7:
                _ = _device.Ports.Count + _device.Metrics.TransmittedBytes;
                break;
            default:
                channel?.MakeRoom(choices.Below(3) switch { 0 => 0, 1 => choices.Below(600), _ => int.MaxValue });
                break;
        }
    }

    /// <inheritdoc/>
    public override void Settle() => _channels.ForEach(channel => channel.MakeRoom(int.MaxValue));

    /// <inheritdoc/>
    public override bool MustAnswer(int queue, ulong features) => queue == ControlOut && (features & Multiport) != 0;

    /// <inheritdoc/>
    protected override VirtioDevice Make(IoThread thread)
    {
        _channels.Clear();
        _device = new ConsoleDevice(new ConsoleConfiguration { MaxPorts = MaxPorts }, thread);
        Add(new ConsolePortDefinition { Channel = new Channel(), IsConsole = true });
        Add(new ConsolePortDefinition { Channel = new Channel(), Name = "agent" });
        return _device;
    }

    private void Add(ConsolePortDefinition definition)
    {
        _device.AddPort(definition);
        _channels.Add((Channel)definition.Channel);
    }

    private void TryAddPort(ref Choices choices)
    {
        try
        {
            bool isConsole = choices.Once(2);
            Add(new ConsolePortDefinition
            {
                Channel = new Channel(),
                IsConsole = isConsole,
                Name = isConsole ? string.Empty : $"port{choices.Below(3)}",
            });
        }
        catch (InvalidOperationException)
        {
            // Every number is taken, or the name.
        }
    }

    private sealed class Channel : ICharChannel
    {
        private ICharChannelUser? _user;
        private int _input;
        private int _room = int.MaxValue;

        public bool IsConnected { get; private set; }

        public string? Problem => IsConnected ? null : "nobody is there";

        public bool IsDisposed { get; private set; }

        public void Attach(IoThread thread, ICharChannelUser user) => _user = user;

        public int Write(ReadOnlySpan<byte> data)
        {
            int count = IsConnected ? Math.Min(data.Length, _room) : 0;
            _room -= count;
            return count;
        }

        public int Read(Span<byte> destination)
        {
            int count = Math.Min(destination.Length, _input);
            destination[..count].Fill((byte)'i');
            _input -= count;
            return count;
        }

        public void Dispose() => IsDisposed = true;

        public void Connect(bool connected)
        {
            if (!IsDisposed)
            {
                IsConnected = connected;
                _user!.ConnectionChanged(connected);
            }
        }

        public void Type(int bytes)
        {
            if (!IsDisposed)
            {
                _input = Math.Min(_input + bytes, 4096);
                _user!.InputAvailable();
            }
        }

        public void MakeRoom(int bytes)
        {
            if (!IsDisposed)
            {
                _room = bytes;
                _user!.RoomAvailable();
            }
        }
    }
}
