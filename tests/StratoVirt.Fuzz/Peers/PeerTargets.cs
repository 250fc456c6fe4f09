using StratoVirt.Backends.Net;
using StratoVirt.Backends.Net.Stream;
using StratoVirt.Backends.VhostUser;
using StratoVirt.Backends.Vsock;
using StratoVirt.Linux.Net;
using StratoVirt.Testing.VhostUser;

namespace StratoVirt.Fuzz;

/// <summary>What other processes send: the replies of a vhost-user back-end, the frames of passt, the first line of who
/// wants to reach a guest.</summary>
internal static class PeerTargets
{
    private static readonly byte[] Rest = new byte[NetFrame.MaxLength + 1];

    public static IEnumerable<FuzzTarget> All =>
    [
        new("vhost-user", ReplySeeds, HearReplies),
        new("stream-frames", FrameSeeds, TakeFrames),
        new("vsock-connect", () => ["CONNECT 1234\nhello"u8.ToArray(), "CONNECT 4294967295\n"u8.ToArray()], ReadCommand),
    ];

    // All a back-end will ever say lies in the socket before it is asked.
    private static void HearReplies(byte[] input)
    {
        (UnixSocket ours, UnixSocket peer) = UnixSocket.CreatePair();
        using VhostUserFrontend frontend = new(ours, TimeSpan.FromSeconds(10));
        using UnixSocket back = peer;
        back.Send(input, out _);
        back.Shutdown(reading: false, writing: true);
        try
        {
            frontend.Open(2);
            frontend.SetFeatures(frontend.Features);
            _ = frontend.StopQueue(0);
            _ = frontend.StopQueue(1);
            frontend.Reset();
        }
        catch (VhostUserException)
        {
            // Refused.
        }
    }

    private static void TakeFrames(byte[] input)
    {
        (UnixSocket ours, UnixSocket peer) = UnixSocket.CreatePair();
        using StreamBackend backend = new(ours);
        using UnixSocket back = peer;
        back.Send(input, out int sent);
        back.Shutdown(reading: false, writing: true);
        Span<byte> header = stackalloc byte[INetBackend.HeaderLength];
        long total = 0;
        NetStatus status;
        while ((status = backend.Queues[0].Receive(header, [], Rest, out int length)) == NetStatus.Done)
        {
            total += length;
            if (length is < NetFrame.MinLength or > NetFrame.MaxLength || total > sent || header.ContainsAnyExcept((byte)0))
            {
                throw new InvalidOperationException($"A frame of {length} bytes came.");
            }
        }

        if (status != NetStatus.Gone || backend.Problem is null)
        {
            throw new InvalidOperationException($"The connection is over, and its status {status}: {backend.Problem}");
        }
    }

    private static void ReadCommand(byte[] input)
    {
        ConnectCommand command = default;
        for (int i = 0; i < input.Length; i++)
        {
            switch (command.Take(input[i]))
            {
                case ConnectProgress.Invalid:
                    return;
                case ConnectProgress.Complete when i > 20:
                    throw new InvalidOperationException($"A command has {i} bytes.");
                case ConnectProgress.Complete:
                    return;
            }
        }

        if (input.Length > 20)
        {
            throw new InvalidOperationException("A command does not end.");
        }
    }

    private static IEnumerable<byte[]> ReplySeeds()
    {
        byte[] plain = FakeVhostUserBackend.Reply(FakeVhostUserBackend.GetFeatures, 1UL << 32);
        byte[] extended =
        [
            .. FakeVhostUserBackend.Reply(FakeVhostUserBackend.GetFeatures, (1UL << 32) | (1UL << 30)),
            .. FakeVhostUserBackend.Reply(15, 0x2009UL),
            .. FakeVhostUserBackend.Reply(17, 2UL),
            .. FakeVhostUserBackend.Reply(3, 0UL),
            .. FakeVhostUserBackend.Reply(2, 0UL),
        ];
        byte[] positions =
        [
            .. FakeVhostUserBackend.Reply(FakeVhostUserBackend.GetVringBase, 5UL << 32),
            .. FakeVhostUserBackend.Reply(FakeVhostUserBackend.GetVringBase, (6UL << 32) | 1),
            .. FakeVhostUserBackend.Reply(34, 0UL),
        ];
        yield return [.. plain, .. positions];
        yield return [.. extended, .. positions];
    }

    private static IEnumerable<byte[]> FrameSeeds()
    {
        byte[] frames = new byte[2 * (4 + 60) + 4 + 1514];
        frames[3] = 60;
        frames[67] = 60;
        (frames[130], frames[131]) = (1514 >> 8, 1514 & 0xFF);
        yield return frames;
    }
}
