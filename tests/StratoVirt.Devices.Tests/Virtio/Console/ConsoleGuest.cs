using System.Buffers.Binary;
using System.Text;
using StratoVirt.Devices.Virtio.Console;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing.Virtio;

namespace StratoVirt.Devices.Tests.Virtio.Console;

/// <summary>The driver of a console device: its control queues, and the queues of its ports.</summary>
internal sealed class ConsoleGuest : IDisposable
{
    internal const int ControlIn = 2;
    internal const int ControlOut = 3;
    internal const int BufferSize = 300;

    private readonly Dictionary<(int Queue, ushort Id), DriverBuffer> _buffers = [];

    internal ConsoleGuest(
        int maxPorts = 4, VirtqueueOptions options = VirtqueueOptions.None, ulong? features = null, bool listens = true, bool activate = true) =>
        Test = new(
            thread => new ConsoleDevice(new ConsoleConfiguration { MaxPorts = maxPorts }, thread),
            features,
            options,
            listens,
            activate);

    internal DeviceUnderTest<ConsoleDevice> Test { get; }

    internal ConsoleDevice Device => Test.Device;

    public void Dispose() => Test.Dispose();

    internal static int In(int port) => port == 0 ? 0 : 2 + (2 * port);

    internal static int Out(int port) => In(port) + 1;

    /// <summary>Gives buffers for what the device will write.</summary>
    internal void Offer(int queue, int count = 1, int size = BufferSize)
    {
        for (int i = 0; i < count; i++)
        {
            DriverBuffer buffer = Test.Memory.Writable(size);
            _buffers[(queue, Test.Queues[queue].Add([buffer]))] = buffer;
        }

        Test.Notify(queue);
        Test.Settle();
    }

    /// <summary>Takes what the device has written, buffer by buffer.</summary>
    internal List<byte[]> Take(int queue)
    {
        Test.Settle();
        List<byte[]> taken = [];
        while (Test.Queues[queue].TryCollect(out UsedElement used))
        {
            _buffers.Remove((queue, used.Id), out DriverBuffer buffer);
            taken.Add(Test.Memory.Span(buffer)[..(int)used.Written].ToArray());
        }

        return taken;
    }

    internal string TakeText(int port) => string.Concat(Take(In(port)).Select(Encoding.Latin1.GetString));

    /// <summary>The control messages received, as words.</summary>
    internal string[] TakeControl() => [.. Take(ControlIn).Select(Describe)];

    internal void Send(uint port, ushort what, ushort value)
    {
        byte[] message = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(message, port);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), what);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), value);
        SendRaw(message);
    }

    internal void SendRaw(ReadOnlySpan<byte> message) => Put(ControlOut, Test.Memory.Readable(message));

    internal void Print(int port, string text) => Put(Out(port), Test.Memory.Readable(Encoding.Latin1.GetBytes(text)));

    internal void Put(int queue, params DriverBuffer[] buffers)
    {
        Test.Queues[queue].Add(buffers);
        Test.Notify(queue);
        Test.Settle();
    }

    /// <summary>Printed messages the device has given back.</summary>
    internal int TakePrinted(int port)
    {
        Test.Settle();
        int count = 0;
        while (Test.Queues[Out(port)].TryCollect(out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>The whole greeting: every port accepted, and opened by a program.</summary>
    internal void Greet(params int[] ports)
    {
        Offer(ControlIn, 16);
        Send(0, 0, 1);
        foreach (int port in ports)
        {
            Send((uint)port, 3, 1);
            Send((uint)port, 6, 1);
        }

        TakeControl();
    }

    private static string Describe(byte[] message)
    {
        if (message.Length < 8)
        {
            return $"{message.Length} bytes";
        }

        uint port = BinaryPrimitives.ReadUInt32LittleEndian(message);
        ushort value = BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(6));
        ReadOnlySpan<byte> rest = message.AsSpan(8);
        return BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(4)) switch
        {
            1 => $"add {port}",
            2 => $"remove {port}",
            4 => $"console {port}",
            5 => $"resize {port} {BinaryPrimitives.ReadUInt16LittleEndian(rest)}x{BinaryPrimitives.ReadUInt16LittleEndian(rest[2..])}",
            6 => $"{(value == 1 ? "open" : "close")} {port}",
            7 => $"name {port} {Encoding.UTF8.GetString(rest)}",
            ushort other => $"event {other}",
        };
    }
}
