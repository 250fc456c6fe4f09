using System.Management.Automation;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Commands;

public sealed class ConsoleTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public ConsoleTests() => _session.StartHello();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void History_comes_in_lines_with_the_prompt_last()
    {
        string[] lines = Lines("Receive-StratoConsole hello");
        Assert.StartsWith("hello from the StratoVirt built-in guest", lines[0], StringComparison.Ordinal);
        Assert.Equal("hello> ", lines[^1]);
        Assert.DoesNotContain(lines, line => line.Contains('\r') || line.Contains('\n'));
    }

    [Fact]
    public void Tail_takes_the_last_lines()
    {
        string[] lines = Lines("Receive-StratoConsole hello");
        Assert.Equal(lines[^3..], Lines("Receive-StratoConsole hello -Tail 3"));
        Assert.Equal(lines, Lines("Receive-StratoConsole hello -Tail 9999"));
        Assert.Empty(Lines("Receive-StratoConsole hello -Tail 0"));
    }

    [Fact]
    public void Raw_keeps_the_guests_line_ends()
    {
        string text = _session.Get<string>("Receive-StratoConsole hello -Raw");
        Assert.Equal(Lines("Receive-StratoConsole hello"), text.Split("\r\n"));
        Assert.Equal("hello> ", _session.Get<string>("Receive-StratoConsole hello -Raw -Tail 1"));
        Assert.Equal(string.Empty, _session.Get<string>("Receive-StratoConsole hello -Raw -Tail 0"));
        Assert.Equal(text, _session.Get<string>("Receive-StratoConsole hello -Raw -Tail 9999"));
    }

    [Fact]
    public void Since_input_gives_the_answer_alone()
    {
        _session.Get("Send-StratoConsole hello 'what'; Wait-StratoVm hello -ConsoleText '(?s)said.*hello> $' -TimeoutSeconds 30");
        Assert.Equal(["what", "you said: what", "hello> "], Lines("Receive-StratoConsole hello -SinceInput"));
    }

    [Fact]
    public void Text_without_newline_stays_on_the_guests_line()
    {
        _session.Get("Send-StratoConsole hello 'one ' -NoNewline; Send-StratoConsole hello 'two'; Wait-StratoVm hello -ConsoleText 'you said: one two' -TimeoutSeconds 30");
    }

    [Fact]
    public void Lines_from_the_pipeline_are_typed_in_order()
    {
        _session.Get("'eins', 'zwei', 'drei' | Send-StratoConsole hello; Wait-StratoVm hello -ConsoleText 'you said: drei' -TimeoutSeconds 30");
        string[] answers = [.. Lines("Receive-StratoConsole hello").Where(line => line.StartsWith("you said", StringComparison.Ordinal))];
        Assert.Equal(["you said: eins", "you said: zwei", "you said: drei"], answers);
    }

    [Fact]
    public void Objects_name_the_machine_that_is_typed_into() =>
        _session.Get("Get-StratoVm hello | Send-StratoConsole -Text 'by object'; Wait-StratoVm hello -ConsoleText 'you said: by object' -TimeoutSeconds 30");

    [Fact]
    public void A_guest_that_does_not_read_is_an_error_after_the_time_given()
    {
        _session.Get("Send-StratoConsole hello spin; Wait-StratoVm hello -ConsoleText spinning -TimeoutSeconds 30");
        ErrorRecord error = _session.Run("Send-StratoConsole hello ('x' * 1000000) -TimeoutSeconds 0").OnlyError("StratoVirt.InputNotTaken");
        Assert.Contains("of 1000001 bytes", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_words_can_be_read_after_the_end()
    {
        _session.Get("Send-StratoConsole hello poweroff; Wait-StratoVm hello -TimeoutSeconds 30");
        Assert.Equal("goodbye", Lines("Receive-StratoConsole hello")[^1]);
        _session.Run("Send-StratoConsole hello x").OnlyError("StratoVirt.NotRunning");
    }

    [Fact]
    public void Following_ends_with_the_machine()
    {
        _session.Get("Send-StratoConsole hello 'before'; Wait-StratoVm hello -ConsoleText 'you said: before' -TimeoutSeconds 30; Send-StratoConsole hello poweroff");
        string[] lines = Lines("Receive-StratoConsole hello -Follow -FromStart");
        Assert.Contains("you said: before", lines);
        Assert.Equal("goodbye", lines[^1]);
    }

    [Fact]
    public void Following_begins_now_and_stops_with_the_pipeline()
    {
        using var output = new PSDataCollection<PSObject>();
        using System.Management.Automation.PowerShell following = _session.Begin(
            "Receive-StratoConsole hello -Follow -Raw", out IAsyncResult running, output);
        Assert.False(running.AsyncWaitHandle.WaitOne(TimeSpan.FromMilliseconds(300)));
        following.Stop();
        Assert.Throws<PipelineStoppedException>(() => following.EndInvoke(running));
        Assert.Empty(output);
    }

    private string[] Lines(string script) => [.. _session.Get(script).Select(line => (string)line.BaseObject)];
}
