using System.Runtime.InteropServices;
using StratoVirt.Backends.Limits;
using StratoVirt.Backends.Net;
using StratoVirt.Devices.Virtio.Net;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Testing.Virtio;
using Xunit;

namespace StratoVirt.Devices.Tests.Virtio.Net;

/// <summary>A network card with a driver on one end and a script on the other. Rings reach it only where a test wants
/// them to.</summary>
internal sealed class NetBench : IDisposable
{
    internal const int Header = 12;
    internal const int ReceiveQueue = 0;
    internal const int SendQueue = 1;

    internal static readonly MacAddress Mac = new(0x5254_0012_3456);

    internal NetBench(
        ulong? features = null,
        int pairs = 1,
        NetOffloads offloads = ScriptedNet.All,
        VirtqueueOptions options = VirtqueueOptions.None,
        int? mtu = null,
        RateLimiter? receiveLimit = null,
        RateLimiter? sendLimit = null,
        bool listens = false,
        ushort queueSize = 64)
    {
        Host = new ScriptedNet(pairs, offloads) { Mtu = mtu };
        Test = new DeviceUnderTest<VirtioNet>(
            thread => new VirtioNet(
                Host,
                new NetOptions { Mac = Mac, QueueSize = queueSize, ReceiveLimit = receiveLimit, SendLimit = sendLimit },
                thread),
            features,
            options,
            listens);
    }

    internal ScriptedNet Host { get; }

    internal DeviceUnderTest<VirtioNet> Test { get; }

    internal VirtioNet Card => Test.Device;

    internal ScriptedQueue Wire => Host.Scripts[0];

    internal int ControlQueue => (Test.Features & NetFeatures.MultiQueue) != 0 ? 2 * Host.Scripts.Length : 2;

    public void Dispose() => Test.Dispose();

    internal static byte[] Frame(int length, int seed = 1)
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        return frame;
    }

    internal static byte[] HeaderOf(NetHeader header) => MemoryMarshal.AsBytes(new ReadOnlySpan<NetHeader>(in header)).ToArray();

    /// <summary>Gives a receive buffer; it is used later.</summary>
    internal (ushort Id, DriverBuffer Buffer) Offer(int length)
    {
        DriverBuffer buffer = Test.Memory.Writable(length);
        return (Test.Queues[ReceiveQueue].Add([buffer], (Test.Options & VirtqueueOptions.Indirect) != 0), buffer);
    }

    /// <summary>Shows the card the receive buffers and has it look.</summary>
    internal void Receive()
    {
        Test.Queues[ReceiveQueue].Kick();
        Test.Serve(ReceiveQueue);
    }

    /// <summary>Sends bytes, header and all, and has the card look.</summary>
    internal uint Send(params byte[][] pieces) =>
        Test.Request(SendQueue, pieces.Select(piece => Test.Memory.Readable(piece)).ToArray());

    /// <summary>A command; what the card answers.</summary>
    internal byte Command(params byte[] command)
    {
        DriverBuffer answer = Test.Memory.Writable(1);
        Test.Memory.Span(answer)[0] = 0xEE;
        Assert.Equal(1u, Test.Request(ControlQueue, Test.Memory.Readable(command), answer));
        return Test.Memory.Span(answer)[0];
    }
}
