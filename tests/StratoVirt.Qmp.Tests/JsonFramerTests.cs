using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using StratoVirt.Qmp.Framing;

namespace StratoVirt.Qmp.Tests;

public sealed class JsonFramerTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char[' ', '~'], 0, 12], Gen.OneOf("", "\\", "\"", "'", "{", "}}", "[\"", "ä€😀", "\\u0041"));

    private static readonly Gen<JsonNode> Value = Gen.Recursive<JsonNode>((depth, inner) => depth > 3
        ? Text.Select(text => (JsonNode)JsonValue.Create(text))
        : Gen.OneOf(
            Text.Select(text => (JsonNode)JsonValue.Create(text)),
            Gen.Int.Select(number => (JsonNode)JsonValue.Create(number)),
            inner.Array[0, 3].Select(items => (JsonNode)new JsonArray([.. items.Select(item => item.DeepClone())])),
            Gen.Select(Text, inner).Array[0, 3].Select(members => (JsonNode)new JsonObject(
                members.DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, (JsonNode?)member.Item2.DeepClone()))))));

    private static readonly Gen<JsonNode> Message = Gen.Select(Value, value => (JsonNode)new JsonObject { ["execute"] = value.DeepClone() });

    /// <summary>However the stream is cut into pieces, and with or without line ends, the same messages come out.</summary>
    [Fact]
    public void Messages_come_out_as_they_went_in_however_the_stream_is_cut() =>
        Gen.Select(Message.Array[1, 5], Gen.Int[1, 7], Gen.OneOf("", "\n", "\r\n", "  \t")).Sample((messages, piece, end) =>
        {
            byte[] stream = Encoding.UTF8.GetBytes(string.Concat(messages.Select(message => message.ToJsonString() + end)));
            string[] found = Read(stream, piece, out _);
            return found.Length == messages.Length && found.Zip(messages).All(pair => JsonNode.DeepEquals(JsonNode.Parse(pair.First), pair.Second));
        });

    /// <summary>QEMU's servers read strings in single quotes too.</summary>
    [Fact]
    public void Single_quotes_become_double_quotes() =>
        Gen.String[Gen.Char[' ', '~'], 0, 20].Sample(text =>
        {
            string quoted = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
            string only = Assert.Single(Read(Encoding.UTF8.GetBytes($"{{'execute':'{quoted}'}}"), 3, out _));
            return JsonDocument.Parse(only).RootElement.GetProperty("execute").GetString() == text;
        });

    [Fact]
    public void Any_bytes_are_taken_and_memory_stays_bounded() =>
        Gen.Byte.Array[0, 400].Sample(bytes =>
        {
            var framer = new JsonFramer(64, 4);
            ReadOnlySpan<byte> rest = bytes;
            while (!rest.IsEmpty)
            {
                int before = rest.Length;
                _ = framer.Read(ref rest);
                Assert.True(rest.Length < before);
                Assert.InRange(framer.Capacity, 0, 64);
                Assert.InRange(framer.Message.Length, 0, 64);
            }
        });

    /// <summary>After whatever faults, a line end brings the framer back: the next message is read.</summary>
    [Fact]
    public void After_a_fault_the_next_line_is_read() =>
        Gen.OneOf("{\"a\":\"\u0001", new string('[', 100), "\"" + new string('x', 70_000), "{" + new string(' ', 70_000)).Sample(fault =>
        {
            string[] found = Read(Encoding.UTF8.GetBytes(fault + "\n{\"execute\":\"stop\"}"), 5, out List<FrameResult> faults);
            return faults.Count == 1 && found[^1] == "{\"execute\":\"stop\"}";
        });

    [Fact]
    public void A_line_of_a_hundred_million_bytes_is_one_fault_and_takes_no_memory()
    {
        var framer = new JsonFramer(QmpLimits.MaxCommand, QmpLimits.MaxCommandDepth);
        byte[] piece = Encoding.ASCII.GetBytes(new string('x', 1 << 20));
        int faults = 0;
        ReadOnlySpan<byte> start = "{\"execute\":\""u8;
        Assert.Equal(FrameResult.NeedsMore, framer.Read(ref start));
        for (int i = 0; i < 100; i++)
        {
            ReadOnlySpan<byte> rest = piece;
            while (!rest.IsEmpty)
            {
                faults += framer.Read(ref rest) == FrameResult.TooLong ? 1 : 0;
            }

            Assert.InRange(framer.Capacity, 0, QmpLimits.MaxCommand);
        }

        Assert.Equal((1, 0), (faults, framer.Capacity));
    }

    private static string[] Read(byte[] stream, int piece, out List<FrameResult> faults)
    {
        var framer = new JsonFramer(1 << 16, 32);
        faults = [];
        List<string> messages = [];
        foreach (byte[] part in stream.Chunk(piece))
        {
            ReadOnlySpan<byte> rest = part;
            while (!rest.IsEmpty)
            {
                FrameResult result = framer.Read(ref rest);
                if (result == FrameResult.Message)
                {
                    messages.Add(Encoding.UTF8.GetString(framer.Message.Span));
                }
                else if (result != FrameResult.NeedsMore)
                {
                    faults.Add(result);
                }
            }
        }

        return [.. messages];
    }
}
