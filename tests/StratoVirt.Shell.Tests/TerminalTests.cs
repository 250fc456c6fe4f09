namespace StratoVirt.Shell.Tests;

/// <summary>The prompt, at a real terminal.</summary>
public sealed class TerminalTests
{
    private const string Up = "\e[A";

    [Fact]
    public void CommandsRunAndAreRemembered()
    {
        using var session = TerminalSession.Start();
        session.Type("'a' + 'b'\r");
        session.WaitFor("\nab");
        session.WaitFor("PS ");
        session.Type(Up + "\x01($x = \x05)\r");
        session.WaitFor("\nab");
        session.WaitFor("PS ");
        session.Type("exit 3\r");
        Assert.Equal(3, session.WaitForExit());
        Assert.Equal("'a' + 'b'\n($x = 'a' + 'b')\nexit 3\n", File.ReadAllText(session.HistoryFile));
    }

    [Fact]
    public void ControlCStopsTheCommandAndNotTheShell()
    {
        using var session = TerminalSession.Start();
        session.Type("try { 'go' + 'ing'; while ($true) { } } finally { [Console]::WriteLine('clean' + 'ed') }\r");
        session.WaitFor("\ngoing");
        session.Type("\x03");
        session.WaitFor("cleaned");
        session.WaitFor("PS ");
        session.Type("'still ' + 'here'\r");
        session.WaitFor("\nstill here");
    }

    [Fact]
    public void ControlCCancelsTheLineAndControlDLeaves()
    {
        using var session = TerminalSession.Start();
        session.Type("if (1) {\r");
        session.WaitFor(">> ");
        session.Type("\x03");
        session.WaitFor("^C");
        session.WaitFor("PS ");
        session.Type("\x04");
        Assert.Equal(0, session.WaitForExit());
    }

    [Fact]
    public void TabCompletesCommandsAndFiles()
    {
        using var session = TerminalSession.Start();
        session.Type("get-comm\t");
        session.WaitFor("Get-Command");
        session.Type("\x15/etc/passw\t");
        session.WaitFor("/etc/passwd");
    }

    [Fact]
    public void SuspendOpensAPromptInsideTheCommand()
    {
        using var session = TerminalSession.Start();
        session.Type("& { [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param() "
            + "$PSCmdlet.ShouldProcess('x') }\r");
        session.WaitFor("default is \"Y\"): ");
        session.Type("s\r");
        session.WaitFor(">> ");
        session.Type("'in' + 'side'\r");
        session.WaitFor("\ninside");
        session.Type("exit\r");
        session.WaitFor("default is \"Y\"): ");
        session.Type("y\r");
        session.WaitFor("\nTrue");
    }
}
