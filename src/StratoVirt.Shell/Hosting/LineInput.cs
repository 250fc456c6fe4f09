using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using StratoVirt.Shell.Editing;

namespace StratoVirt.Shell.Hosting;

/// <summary>Lines the user types to a running command, from the terminal or from redirected standard input.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="output">Written to when prompting.</param>
/// <param name="nonInteractive">Whether every question is an error.</param>
internal sealed class LineInput(ITerminal terminal, OutputWriter output, bool nonInteractive)
{
    /// <summary>What Ctrl-C at a question does besides ending it.</summary>
    public Action? Interrupted { get; set; }

    /// <exception cref="HostException">The session is non-interactive.</exception>
    /// <exception cref="PipelineStoppedException">The user pressed Ctrl-C.</exception>
    /// <returns>The line, null at the end of the input.</returns>
    public string? Read(string prompt)
    {
        Demand();
        if (!ConsoleTerminal.InputIsTerminal)
        {
            output.Write(prompt);
            return Console.In.ReadLine();
        }
        output.ClearProgress();
        var result = new LineEditor(terminal).ReadLine(prompt);
        output.LineEnded();
        return result.Kind switch
        {
            EditKind.Accepted => result.Text,
            EditKind.EndOfInput => null,
            _ => throw Interrupt(),
        };
    }

    /// <summary>Like <see cref="Read"/>, showing a star for each character.</summary>
    public SecureString ReadSecret(string prompt)
    {
        Demand();
        var secret = new SecureString();
        output.Write(prompt);
        if (!ConsoleTerminal.InputIsTerminal)
        {
            foreach (char c in Console.In.ReadLine() ?? "")
                secret.AppendChar(c);
            return secret;
        }
        using (terminal.BeginEditing())
        {
            while (true)
            {
                var key = terminal.ReadKey();
                if (key.Key == ConsoleKey.Enter)
                    break;
                if (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control })
                {
                    secret.Dispose();
                    terminal.Write("^C\n");
                    throw Interrupt();
                }
                if (key.Key == ConsoleKey.Backspace && secret.Length > 0)
                {
                    secret.RemoveAt(secret.Length - 1);
                    terminal.Write("\b \b");
                }
                else if (!char.IsControl(key.KeyChar))
                {
                    secret.AppendChar(key.KeyChar);
                    terminal.Write("*");
                }
            }
        }
        terminal.Write("\n");
        output.LineEnded();
        return secret;
    }

    public void Demand()
    {
        if (nonInteractive)
        {
            throw new HostException("The session is non-interactive and cannot ask. Give the value as a parameter, "
                + "or -Confirm:$false where a confirmation is asked.");
        }
    }

    private PipelineStoppedException Interrupt()
    {
        Interrupted?.Invoke();
        return new PipelineStoppedException();
    }
}
