using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Passt;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;
using Xunit;

namespace StratoVirt.Backends.Tests.Net;

public sealed class PasstBackendTests : IDisposable
{
    private const int Patience = 30_000;
    private static readonly byte[] Mac = [0x52, 0x54, 0, 0x12, 0x34, 0x56];

    private readonly FrameMemory _memory = new();

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void ItGivesTheGuestAnAddress()
    {
        using PasstBackend passt = StartOrSkip(new PasstOptions());
        Assert.Equal(NetStatus.Done, passt.Queues[0].Send(new byte[INetBackend.HeaderLength], _memory.Pieces(DhcpDiscover(), 100)));
        byte[] offer = ReceiveFrame(passt, frame => frame.Length > 300 && frame[23] == 17 && frame[34] == 0 && frame[35] == 67);

        // Option 53, DHCP message type: 2 is an offer (RFC 2132 §9.6).
        Assert.Equal<byte>([2], Option(offer, 53));
    }

    [Fact]
    public void ItsEndIsNoticedAndExplained()
    {
        using PasstBackend passt = StartOrSkip(new PasstOptions { Arguments = ["--no-such-option"] });
        using Epoll epoll = Epoll.Create();
        epoll.Add(passt.Queues[0].Descriptor, EpollEvents.In, 1);
        Assert.Equal(1, epoll.Wait(new EpollEvent[1], Patience));
        Assert.Equal(NetStatus.Gone, passt.Queues[0].Receive(new byte[INetBackend.HeaderLength], default, default, out _));
        Assert.True(SpinWait.SpinUntil(() => passt.Problem!.Contains("exit code", StringComparison.Ordinal), Patience), passt.Problem);
        Assert.DoesNotContain("exit code 0", passt.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ItEndsWithItsNetworkCard()
    {
        PasstBackend passt = StartOrSkip(new PasstOptions());
        int id = passt.ProcessId;
        Assert.True(Directory.Exists($"/proc/{id}"));
        passt.Dispose();
        Assert.False(Directory.Exists($"/proc/{id}"));
    }

    [Fact]
    public void AMissingProgramIsExplained()
    {
        NetBackendException error = Assert.Throws<NetBackendException>(
            () => PasstBackend.Start(new PasstOptions { Program = "/no/such/passt" }));
        Assert.Equal(NetBackendError.ProgramFailed, error.Error);
        Assert.Contains("/no/such/passt", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Option(byte[] message, byte code)
    {
        const int Options = 14 + 20 + 8 + 236 + 4;
        for (int at = Options; message[at] != 255; at += 2 + message[at + 1])
        {
            if (message[at] == code)
            {
                return message[(at + 2)..(at + 2 + message[at + 1])];
            }
        }

        return [];
    }

    private static PasstBackend StartOrSkip(PasstOptions options)
    {
        try
        {
            return PasstBackend.Start(options);
        }
        catch (NetBackendException missing) when (missing.Error == NetBackendError.ProgramMissing)
        {
            Assert.Skip(missing.Message);
            throw;
        }
    }

    private byte[] ReceiveFrame(PasstBackend passt, Predicate<byte[]> wanted)
    {
        using Epoll epoll = Epoll.Create();
        epoll.Add(passt.Queues[0].Descriptor, EpollEvents.In, 1);
        byte[] header = new byte[INetBackend.HeaderLength];
        GuestBuffer[] room = _memory.Pieces(new byte[2048], 512);
        while (true)
        {
            NetStatus status = passt.Queues[0].Receive(header, room, new byte[NetFrame.MaxLength], out int length);
            if (status == NetStatus.WouldBlock)
            {
                Assert.Equal(1, epoll.Wait(new EpollEvent[1], Patience));
                continue;
            }

            Assert.True(status == NetStatus.Done, passt.Problem);
            byte[] frame = FrameMemory.Join(room)[..Math.Min(length, 2048)];
            if (wanted(frame))
            {
                return frame;
            }
        }
    }

    // RFC 2131 §2: Ethernet, IPv4 and UDP headers, then the message; passt looks at no checksum.
    private static byte[] DhcpDiscover()
    {
        byte[] options = [99, 130, 83, 99, 53, 1, 1, 255];
        byte[] message = [1, 1, 6, 0, 1, 2, 3, 4, .. new byte[20], .. Mac, .. new byte[10 + 64 + 128], .. options, .. new byte[52]];
        byte[] udp = [0, 68, 0, 67, .. Word(8 + message.Length), 0, 0, .. message];
        byte[] ip = [0x45, 0, .. Word(20 + udp.Length), 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255];
        int sum = 0;
        for (int i = 0; i < ip.Length; i += 2)
        {
            sum += (ip[i] << 8) | ip[i + 1];
        }

        Word(~((sum & 0xFFFF) + (sum >> 16))).CopyTo(ip, 10);
        return [.. Enumerable.Repeat((byte)0xFF, 6), .. Mac, 8, 0, .. ip, .. udp];
    }

    private static byte[] Word(int value) => [(byte)(value >> 8), (byte)value];
}
