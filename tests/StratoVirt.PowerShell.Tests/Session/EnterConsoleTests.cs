using System.Diagnostics;
using System.Text;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Session;

/// <summary>The interactive console as a person has it: a PowerShell process on a terminal, which script(1) provides.</summary>
public sealed class EnterConsoleTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_terminal_joins_the_console_and_is_as_before_when_it_leaves()
    {
        using Process person = OnTerminal(
            "New-StratoVm hello -BuiltIn | Start-StratoVm; Wait-StratoVm hello -ConsoleText 'hello> $';"
            + "Enter-StratoConsole hello; Stop-StratoVm hello -TurnOff -Force; /usr/bin/stty -a; 'the end'");
        var seen = new StringBuilder();
        ReadTo(person, seen, "leaves it.");
        // Ctrl+C is the guest's to have; without raw mode it would end the session.
        Type(person, "\x03hi there\r");
        ReadTo(person, seen, "you said: ");
        ReadTo(person, seen, "hello> ");
        Type(person, "\x1d");
        ReadTo(person, seen, "Left the console of hello.");
        ReadTo(person, seen, "the end");
        Assert.Matches(@"\sisig\b.*\sicanon\b.*\secho\b", seen.ToString().Replace('\n', ' '));
    }

    [Fact]
    public void A_machine_that_ends_lets_the_terminal_go()
    {
        using Process person = OnTerminal(
            "New-StratoVm hello -BuiltIn | Start-StratoVm; Wait-StratoVm hello -ConsoleText 'hello> $'; Enter-StratoConsole hello -EscapeKey ^T; 'the end'");
        var seen = new StringBuilder();
        ReadTo(person, seen, "leaves it.");
        Type(person, "\x1d\rpoweroff\r");
        ReadTo(person, seen, "hello has ended.");
        ReadTo(person, seen, "the end");
        Assert.Contains("Ctrl+T leaves it", seen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_is_one_error()
    {
        _session.Get("New-StratoVm hello -BuiltIn");
        _session.Run("Enter-StratoConsole hello").OnlyError("StratoVirt.NotRunning");
        _session.Run("Enter-StratoConsole hello -EscapeKey x").OnlyError("StratoVirt.EscapeKeyInvalid");
        _session.Run("Enter-StratoConsole helo").OnlyError("StratoVirt.NotFound");
        _session.Get("Start-StratoVm hello");
        _session.Run("Enter-StratoConsole hello nowhere").OnlyError("StratoVirt.NoSuchDevice");
    }

    // Without a size of its own the terminal has none, and setsid gives it to the shell as its own.
    private Process OnTerminal(string script)
    {
        string? shell = Environment.GetEnvironmentVariable("STRATOVIRT_TEST_SHELL");
        Assert.SkipUnless(shell is not null, "run by build.ps1 in the minimal host, which STRATOVIRT_TEST_SHELL names");
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script(1) of util-linux is not installed");
        string file = Path.Combine(_session.Directory, "person.ps1");
        File.WriteAllText(file, $"Import-Module '{ModuleSession.ManifestPath}'; {script}");
        return Process.Start(new ProcessStartInfo("script", ["-qefc", $"exec env --default-signal=INT '{shell}' '{file}'", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    private static void Type(Process person, string keys)
    {
        person.StandardInput.Write(keys);
        person.StandardInput.Flush();
    }

    private static void ReadTo(Process person, StringBuilder seen, string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        using CancellationTokenRegistration kill = limit.Token.Register(() => person.Kill(entireProcessTree: true));
        var since = new StringBuilder();
        while (!since.ToString().Contains(text, StringComparison.Ordinal))
        {
            int next = person.StandardOutput.Read();
            Assert.True(next >= 0, $"'{text}' did not appear; the terminal shows: {seen}");
            since.Append((char)next);
            seen.Append((char)next);
        }
    }
}
