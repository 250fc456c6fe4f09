using CsCheck;
using StratoVirt.Backends.VhostUser;
using StratoVirt.Linux.Net;
using StratoVirt.Testing.VhostUser;
using Xunit;

namespace StratoVirt.Backends.Tests.VhostUser;

/// <summary>A back-end that answers with anything is heard or refused, and never waited for without end.</summary>
public sealed class HostileRepliesTests
{
    private static readonly Gen<byte[]> Anything = Gen.Byte.Array[0, 200];

    // Whole replies to the requests that will come, with anything for their fields.
    private static readonly Gen<byte[]> Replies = Gen.Select(
        Gen.OneOf(Gen.OneOf(1u, 15u, 17u, 11u, 2u, 3u), Gen.UInt),
        Gen.OneOf(Gen.OneOf(5u, 1u, 4u, 9u), Gen.UInt),
        Gen.OneOf(Gen.OneOf(8u, 0u, 12u, uint.MaxValue), Gen.UInt),
        Gen.Byte.Array[0, 16])
        .Select((request, flags, length, payload) => FakeVhostUserBackend.Reply(request, payload, flags, length))
        .Array[0, 8]
        .Select(replies => replies.SelectMany(reply => reply).ToArray());

    [Fact]
    public void Any_bytes_are_replies_or_the_end() => Gen.OneOf(Anything, Replies).Sample(Hear, iter: 2000);

    private static void Hear(byte[] bytes)
    {
        (UnixSocket ours, UnixSocket peer) = UnixSocket.CreatePair();
        using VhostUserFrontend frontend = new(ours, TimeSpan.FromSeconds(20));
        using UnixSocket back = peer;
        back.Send(bytes, out _);
        back.Shutdown(reading: false, writing: true);
        try
        {
            frontend.Open(2);
            Assert.InRange(frontend.StopQueue(0), ushort.MinValue, ushort.MaxValue);
            frontend.Reset();
        }
        catch (VhostUserException refused)
        {
            Assert.StartsWith("The back-end", refused.Message);
        }
    }
}
