using System.Text;
using System.Text.Json;
using CsCheck;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Framing;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Qmp.Tests;

/// <summary>Both sessions, against each other and against text.</summary>
public sealed class SessionTests
{
    private static readonly VersionInfo Version = new() { Package = "test", Qemu = new QmpVersionTriple { Major = 7, Minor = 2, Micro = 0 } };

    private readonly List<QmpReply<QmpNothing>> _pending = [];
    private readonly QmpServerSession _server;

    public SessionTests()
    {
        var table = new QmpCommandTable(Version, failure => failure is TimeoutException ? QmpException.Generic(failure.Message) : null);
        table.Add(LifecycleCommands.QueryStatus, _ => new StatusInfo { Running = true, Status = QmpRunState.InternalError });
        table.AddPending(LifecycleCommands.Stop, (_, reply) => _pending.Add(reply));
        table.Add(LifecycleCommands.Quit, _ => throw new TimeoutException("too late"));
        table.Add(LifecycleCommands.SystemReset, _ => throw new InvalidCastException());
        table.Add(BlockCommands.BlockSetIoThrottle, _ => QmpNothing.Instance);
        table.Add(QmpEvents.Shutdown);
        _server = new QmpServerSession(table, Mistakes.Add);
        Assert.Equal(
            "{\"QMP\":{\"version\":{\"qemu\":{\"major\":7,\"minor\":2,\"micro\":0},\"package\":\"test\"},\"capabilities\":[]}}\r\n",
            Take());
    }

    private List<Exception> Mistakes { get; } = [];

    [Theory]
    [InlineData("1")]
    [InlineData("\"a\\\"b\"")]
    [InlineData("null")]
    [InlineData("[1,{\"x\":2.50}]")]
    [InlineData("{\"a\":{}}")]
    [InlineData("true")]
    public void Ids_come_back_whatever_they_are(string id)
    {
        Negotiate();
        Assert.Equal(
            $"{{\"return\":{{\"running\":true,\"status\":\"internal-error\"}},\"id\":{id}}}\r\n",
            Say($"{{\"execute\":\"query-status\",\"id\":{id}}}"));
        Assert.StartsWith($"{{\"id\":{id},\"error\":", Say($"{{\"id\":{id},\"execute\":\"nope\"}}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]", "QMP input must be a JSON object")]
    [InlineData("{\"id\":3}", "QMP input lacks member 'execute'")]
    [InlineData("{\"execute\":1}", "QMP input member 'execute' must be a string")]
    [InlineData("{\"execute\":\"stop\",\"arguments\":[]}", "QMP input member 'arguments' must be an object")]
    [InlineData("{\"execute\":\"stop\",\"foo\":1}", "QMP input member 'foo' is unexpected")]
    [InlineData("{\"execute\":\"stop\",\"execute\":\"cont\"}", "JSON parse error, duplicate key")]
    [InlineData("{\"execute\":\"stop\",\"arguments\":{\"x\":1}}", "Parameter 'x' is unexpected")]
    [InlineData("{\"execute\":\"block_set_io_throttle\",\"arguments\":{\"bps\":true}}", "Invalid parameter type for 'bps', expected: integer")]
    [InlineData("{\"execute\":\"block_set_io_throttle\",\"arguments\":{\"bps\":1.5}}", "Invalid parameter type for 'bps', expected: integer")]
    [InlineData("{\"execute\":\"quit\"}", "too late")]
    [InlineData("{\"execute\":\"\\ud800\"}", "JSON parse error, invalid UTF-8 sequence in string")]
    [InlineData("{\"execute\":\"\\ud800\\ud800\"}", "JSON parse error, invalid UTF-8 sequence in string")]
    [InlineData("{\"execute\":\"stop\",\"\\udc00\":1}", "JSON parse error, invalid UTF-8 sequence in string")]
    [InlineData("{\"execute\":\"stop\",\"arguments\":{\"\\\\ud800\":1}}", "Parameter '\\ud800' is unexpected")]
    [InlineData("{\"execute\":\"stop\",\"arguments\":{\"\\ud83d\\ude00\":1}}", "Parameter '😀' is unexpected")]
    public void Errors_are_worded_as_QEMU_words_them(string request, string description)
    {
        Negotiate();
        JsonElement error = JsonDocument.Parse(Say(request)).RootElement.GetProperty("error");
        Assert.Equal(("GenericError", description), (error.GetProperty("class").GetString(), error.GetProperty("desc").GetString()));
        Assert.Empty(Mistakes);
    }

    [Fact]
    public void A_mistake_of_a_handler_is_answered_and_reported()
    {
        Negotiate();
        Assert.Contains("error", Say("{\"execute\":\"system_reset\"}"), StringComparison.Ordinal);
        Assert.IsType<InvalidCastException>(Assert.Single(Mistakes));
        Assert.Contains("return", Say("{\"execute\":\"query-status\"}"), StringComparison.Ordinal);
    }

    [Fact]
    public void While_a_command_is_pending_no_byte_is_taken_and_answers_keep_their_order()
    {
        Negotiate();
        byte[] two = "{\"execute\":\"stop\",\"id\":1}{\"execute\":\"query-status\",\"id\":2}"u8.ToArray();
        int taken = _server.Receive(two);
        Assert.Equal((25, string.Empty), (taken, Take()));
        Assert.False(_server.IsReady);
        bool answered = false;
        _server.Answered = () => answered = true;
        _pending[0].Return(QmpNothing.Instance);
        Assert.True(answered);
        Assert.Equal("{\"return\":{},\"id\":1}\r\n", Take());
        _pending[0].Fail(new TimeoutException());
        Assert.Equal(string.Empty, Take());
        Assert.Equal(two.Length - taken, _server.Receive(two.AsSpan(taken)));
        Assert.Contains("\"id\":2", Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_reach_those_who_have_negotiated_and_pile_up_only_so_far()
    {
        _server.Send(QmpEvents.Shutdown, new ShutdownData { Guest = true, Reason = "guest-shutdown" }, DateTimeOffset.UnixEpoch);
        Assert.Equal(string.Empty, Take());
        Negotiate();
        _server.Send(QmpEvents.Shutdown, new ShutdownData { Guest = true, Reason = "guest-shutdown" }, DateTimeOffset.UnixEpoch.AddMicroseconds(1_500_000));
        Assert.Equal(
            "{\"timestamp\":{\"seconds\":1,\"microseconds\":500000},\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true,\"reason\":\"guest-shutdown\"}}\r\n",
            Take());
        for (int i = 0; i < 10_000; i++)
        {
            _server.Send(QmpEvents.Shutdown, new ShutdownData { Guest = true, Reason = "guest-shutdown" }, DateTimeOffset.UnixEpoch);
        }

        Assert.True(_server.IsOverrun);
        Assert.InRange(_server.Memory, 0, 4 * QmpLimits.MaxUnread);
    }

    /// <summary>Whatever sizes the bytes come in, commands, answers and events pass between the two.</summary>
    [Fact]
    public void Client_and_server_understand_each_other() => Gen.Int[1, 40].Sample(piece =>
    {
        var table = new QmpCommandTable(Version, _ => null);
        table.Add(LifecycleCommands.QueryStatus, _ => new StatusInfo { Running = false, Status = QmpRunState.Paused });
        var server = new QmpServerSession(table, _ => { });
        var client = new QmpClientSession();
        ulong status = client.Begin(LifecycleCommands.QueryStatus, QmpNothing.Instance);
        ulong nothing = client.Begin("nope", JsonDocument.Parse("{\"x\":1}").RootElement);
        var messages = new List<QmpMessage>();
        while (messages.Count < 3)
        {
            Pass(server.Output, piece, client.Receive);
            Pass(client.Output, piece, data => server.Receive(data));
            server.Send(QmpEvents.Stop, QmpNothing.Instance, DateTimeOffset.UnixEpoch);
            while (client.TryTake(out QmpMessage? message) && messages.Count < 100)
            {
                messages.Add(message);
            }
        }

        QmpAnswer[] answers = [.. messages.OfType<QmpAnswer>()];
        return answers[0].Id == status && answers[0].Result.GetProperty("status").GetString() == "paused"
            && answers[1].Id == nothing && answers[1].Error!.ErrorClass == "CommandNotFound"
            && messages.OfType<QmpHappening>().All(happening => happening.Name == "STOP")
            && client.Server!.Package == Version.Package && client.Server.Qemu.Major == Version.Qemu.Major;
    }, iter: 40);

    [Fact]
    public void A_server_that_speaks_no_QMP_is_found_out() =>
        Gen.OneOf("hello\n", "[]", "{}", "{\"event\":\"X\"}", "{\"QMP\":1}", "{\"return\":{}}{\"return\":{}}{\"QMP\":{}}").Sample(text =>
        {
            var client = new QmpClientSession();
            Assert.Throws<InvalidDataException>(() => client.Receive(Encoding.UTF8.GetBytes(text)));
        });

    private static void Pass(OutputBuffer from, int piece, ServerEnd to)
    {
        while (from.Length > 0)
        {
            byte[] part = from.Unsent[..Math.Min(piece, from.Length)].ToArray();
            from.Sent(part.Length);
            to(part);
        }
    }

    private delegate void ServerEnd(ReadOnlySpan<byte> data);

    private void Negotiate() => Say("{\"execute\":\"qmp_capabilities\"}");

    private string Say(string request)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(request);
        Assert.Equal(bytes.Length, _server.Receive(bytes));
        return Take();
    }

    private string Take()
    {
        string text = Encoding.UTF8.GetString(_server.Output.Unsent);
        _server.Output.Sent(_server.Output.Length);
        return text;
    }
}
