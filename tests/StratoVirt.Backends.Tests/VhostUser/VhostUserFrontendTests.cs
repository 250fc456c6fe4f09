using System.Buffers.Binary;
using StratoVirt.Backends.Io;
using StratoVirt.Backends.VhostUser;
using StratoVirt.Linux.Handles;
using StratoVirt.Memory;
using StratoVirt.Testing;
using StratoVirt.Testing.VhostUser;
using Xunit;

namespace StratoVirt.Backends.Tests.VhostUser;

public sealed class VhostUserFrontendTests
{
    private static readonly GuestRange[] Ranges =
    [
        new(new GuestAddress(0x10_0000), 1 << 20),
        new(new GuestAddress(1UL << 32), 2 << 20),
    ];

    [Fact]
    public void Opening_agrees_on_what_both_sides_know()
    {
        using var backend = new FakeVhostUserBackend { ProtocolFeatures = ulong.MaxValue };
        backend.Frontend.Open(2);
        Assert.Equal([1U, 15, 16, 17, 3], backend.Received.Select(message => message.Request));

        // Queue count, acknowledgements, reset: bits 0, 3 and 13.
        Assert.Equal(0x2009UL, BinaryPrimitives.ReadUInt64LittleEndian(backend.Received[2].Payload));
        Assert.Equal(backend.Features & ~(1UL << 30), backend.Frontend.Features);

        // SET_PROTOCOL_FEATURES itself came before acknowledgements were agreed on.
        Assert.Equal([1U, 1, 1, 1, 9], backend.Received.Select(message => message.Flags));
    }

    [Fact]
    public void A_plain_backend_is_asked_for_no_more_than_it_knows()
    {
        using var backend = new FakeVhostUserBackend { Features = 1UL << 32 };
        backend.Frontend.Open(2);
        backend.Frontend.SetFeatures(1UL << 32);
        backend.Frontend.Reset();
        using var bell = new Doorbell();
        backend.Frontend.StartQueue(Queue(bell));
        Assert.Equal(0, backend.Frontend.StopQueue(1));
        Assert.Equal([1U, 3, 2, 8, 10, 9, 13, 12, 11], backend.Received.Select(message => message.Request));
        Assert.All(backend.Received, message => Assert.Equal(1U, message.Flags));
    }

    [Fact]
    public void Too_few_queues_are_refused()
    {
        using var backend = new FakeVhostUserBackend { QueueCount = 1 };
        Assert.Contains("1 queues", Assert.Throws<VhostUserException>(() => backend.Frontend.Open(2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Guest_memory_arrives_as_files_that_can_be_mapped()
    {
        using GuestMemory memory = GuestMemory.CreateShared(Ranges);
        using var backend = new FakeVhostUserBackend();
        backend.Frontend.Open(2);
        backend.Frontend.ShareMemory(memory);
        VhostUserMessage table = backend.Received[^1];
        Assert.Equal((FakeVhostUserBackend.SetMemoryTable, 2), (table.Request, table.Descriptors.Count));
        Assert.Equal(8 + (2 * 32), table.Payload.Length);
        Assert.Equal(2U, BinaryPrimitives.ReadUInt32LittleEndian(table.Payload));
        for (int i = 0; i < 2; i++)
        {
            ulong[] fields = [.. Enumerable.Range(0, 4).Select(field => BinaryPrimitives.ReadUInt64LittleEndian(table.Payload.AsSpan(8 + (32 * i) + (8 * field))))];
            Assert.Equal([Ranges[i].Start.Value, Ranges[i].Length, Ranges[i].Start.Value, 0], fields);

            // What the guest writes there the back-end reads from the file, and the other way round.
            GuestAddress place = Ranges[i].Start + 4096;
            memory.TryWrite(place, 0x1122_3344_5566_7788UL);
            byte[] seen = new byte[8];
            table.Descriptors[i].ReadAt(seen, 4096, out _);
            Assert.Equal(0x1122_3344_5566_7788UL, BinaryPrimitives.ReadUInt64LittleEndian(seen));
            table.Descriptors[i].WriteAt([1, 0, 0, 0, 0, 0, 0, 0], 4096, out _);
            Assert.True(memory.TryRead(place, out ulong back) && back == 1);
        }
    }

    [Fact]
    public void Private_memory_is_refused_by_its_name()
    {
        using GuestMemory memory = GuestMemory.CreateAnonymous(Ranges);
        Assert.Contains("shared", Assert.Throws<VhostUserException>(() => VhostUserFrontend.CheckShareable(memory)).Message, StringComparison.Ordinal);
        using GuestMemory pieces = GuestMemory.CreateShared(
            Enumerable.Range(0, 9).Select(i => new GuestRange(new GuestAddress((ulong)i << 20), 4096)));
        Assert.Contains("9 pieces", Assert.Throws<VhostUserException>(() => VhostUserFrontend.CheckShareable(pieces)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_goes_over_with_its_bells_and_comes_back()
    {
        using var backend = new FakeVhostUserBackend { Position = 77 };
        backend.Frontend.Open(2);
        using var bell = new Doorbell();
        backend.Frontend.StartQueue(Queue(bell));
        VhostUserMessage[] sent = [.. backend.Received.Skip(5)];
        Assert.Equal([8U, 10, 9, 13, 12, 18], sent.Select(message => message.Request));
        Assert.Equal([1, 128], Words(sent[0]));
        Assert.Equal([1, 5], Words(sent[1]));
        Assert.Equal([1, 0, 0x1000, 0, 0x3000, 0, 0x2000, 0, 0, 0], Words(sent[2]));
        Assert.Equal([1, 0], Words(sent[3]));
        Assert.Equal([1, 1], Words(sent[5]));

        bell.Ring();
        byte[] count = new byte[8];
        Assert.Equal(Linux.Errno.None, sent[4].Descriptors[0].Read(count, out _));
        Assert.Equal(1, count[0]);
        Assert.Equal(77, backend.Frontend.StopQueue(1));
    }

    public static TheoryData<string, byte[]> HostileAnswers => new()
    {
        { "another request", FakeVhostUserBackend.Reply(2, new byte[8]) },
        { "no reply flag", FakeVhostUserBackend.Reply(1, new byte[8], flags: 1) },
        { "another version", FakeVhostUserBackend.Reply(1, new byte[8], flags: 6) },
        { "too long", FakeVhostUserBackend.Reply(1, new byte[16]) },
        { "too short", FakeVhostUserBackend.Reply(1, new byte[4]) },
        { "far too long", FakeVhostUserBackend.Reply(1, new byte[8], length: uint.MaxValue) },
        { "nothing", FakeVhostUserBackend.Reply(1, []) },
    };

    [Theory]
    [MemberData(nameof(HostileAnswers))]
    public void An_answer_that_is_none_ends_the_talk(string what, byte[] answer)
    {
        using var backend = new FakeVhostUserBackend { Answer = _ => answer };
        Assert.Contains("answered GetFeatures", Assert.Throws<VhostUserException>(() => backend.Frontend.Open(2)).Message, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    [Fact]
    public void A_refusal_is_told()
    {
        using var backend = new FakeVhostUserBackend
        {
            Answer = message => message.Request == 2 ? FakeVhostUserBackend.Reply(2, 22) : null,
        };
        backend.Frontend.Open(2);
        Assert.Contains("refused SetFeatures: 22", Assert.Throws<VhostUserException>(() => backend.Frontend.SetFeatures(0)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0x1_0000)]
    public void A_position_of_another_queue_or_none_at_all_is_not_believed(uint queue, uint position)
    {
        using var backend = new FakeVhostUserBackend
        {
            Answer = message => message.Request == FakeVhostUserBackend.GetVringBase
                ? FakeVhostUserBackend.Reply(11, [.. BitConverter.GetBytes(queue), .. BitConverter.GetBytes(position)])
                : null,
        };
        backend.Frontend.Open(2);
        Assert.Throws<VhostUserException>(() => backend.Frontend.StopQueue(1));
    }

    [Fact]
    public void Silence_ends_in_time()
    {
        using var backend = new FakeVhostUserBackend(TimeSpan.FromMilliseconds(50)) { Answer = _ => [] };
        Assert.Contains("within", Assert.Throws<VhostUserException>(() => backend.Frontend.Open(2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_an_answer_ends_in_time()
    {
        using var backend = new FakeVhostUserBackend(TimeSpan.FromMilliseconds(50)) { Answer = _ => [1, 0, 0] };
        Assert.Throws<VhostUserException>(() => backend.Frontend.Open(2));
    }

    [Fact]
    public void A_process_that_has_gone_is_noticed()
    {
        using var backend = new FakeVhostUserBackend();
        backend.Frontend.Open(2);
        backend.Die();
        Assert.Contains("closed", Assert.Throws<VhostUserException>(() => backend.Frontend.StopQueue(0)).Message, StringComparison.Ordinal);
        Assert.Throws<VhostUserException>(() => backend.Frontend.SetFeatures(0));
    }

    /// <summary>Descriptors nobody asked for must not stay open here.</summary>
    [Fact]
    public void Descriptors_that_come_unasked_are_closed()
    {
        using var backend = new FakeVhostUserBackend { Answer = message => message.Request == 1 ? [] : null };
        using var directory = new TemporaryDirectory();
        using FileDescriptor gift = FileDescriptor.Open(directory["gift"], OpenFlags.WriteOnly | OpenFlags.Create, 0x180);
        for (int i = 0; i < 20; i++)
        {
            backend.Send(FakeVhostUserBackend.Reply(1, 1UL << 32), gift);
            backend.Frontend.Open(2);
        }

        Assert.Equal(1, OpenDescriptors.To(directory["gift"]));
    }

    private static VhostUserQueue Queue(Doorbell bell) => new(
        1, 128, 5, new GuestAddress(0x1000), new GuestAddress(0x2000), new GuestAddress(0x3000), bell, bell);

    private static int[] Words(VhostUserMessage message) =>
        [.. message.Payload.Chunk(4).Select(word => BitConverter.ToInt32(word))];
}
