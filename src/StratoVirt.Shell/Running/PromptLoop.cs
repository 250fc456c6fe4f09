using StratoVirt.Shell.Editing;
using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Running;

/// <summary>Read, evaluate, print, until <c>exit</c> or Ctrl-D.</summary>
internal sealed class PromptLoop(ITerminal terminal, ShellHost host, ShellUserInterface ui, CommandRunner runner,
    EngineCompletion completion, LineHistory history)
{
    private const string Continuation = ">> ";

    private volatile bool _isReading;
    private int _nesting;
    private bool _historyFails;

    /// <summary>Whether the loop waits for the user.</summary>
    public bool IsReading => _isReading;

    public void Run()
    {
        while (host.ExitCode is null)
        {
            var statement = StatementReader.Read(ReadLine);
            if (statement.Kind == EditKind.EndOfInput)
                return;
            if (statement.Kind == EditKind.Cancelled || string.IsNullOrWhiteSpace(statement.Text))
                continue;
            Remember(statement.Text);
            runner.RunText(statement.Text);
            if (_nesting > 0 && host.PendingNestedExits > 0)
                return;
        }
    }

    /// <summary>The prompt inside a command that waits; on the command's own thread.</summary>
    public void RunNested()
    {
        _nesting++;
        try
        {
            Run();
        }
        finally
        {
            _nesting--;
            host.PendingNestedExits = Math.Max(0, host.PendingNestedExits - 1);
        }
    }

    /// <summary>Runs the statements of a text that is no terminal.</summary>
    /// <returns>How the last one ended.</returns>
    public CommandOutcome RunScripted(TextReader input)
    {
        var outcome = CommandOutcome.Completed;
        while (host.ExitCode is null)
        {
            var statement = StatementReader.Read(_ => input.ReadLine() is { } line
                ? new EditResult(EditKind.Accepted, line)
                : new EditResult(EditKind.EndOfInput, ""));
            if (statement.Kind == EditKind.EndOfInput)
                break;
            if (string.IsNullOrWhiteSpace(statement.Text))
                continue;
            outcome = runner.RunText(statement.Text);
            if (outcome == CommandOutcome.Stopped)
                break;
        }
        return outcome;
    }

    private EditResult ReadLine(string before)
    {
        string prompt = before.Length == 0 ? runner.Evaluate("prompt") as string ?? "PS> " : Continuation;
        var editor = new LineEditor(terminal, history, (text, cursor) => Complete(before, text, cursor));
        _isReading = true;
        try
        {
            return host.ExitCode is null ? editor.ReadLine(prompt) : new EditResult(EditKind.Cancelled, "");
        }
        finally
        {
            _isReading = false;
            ui.Output.LineEnded();
        }
    }

    private CompletionSet Complete(string before, string text, int cursor)
    {
        var set = completion.Complete(before + text, before.Length + cursor);
        return set.Start < before.Length ? CompletionSet.None : set with { Start = set.Start - before.Length };
    }

    private void Remember(string statement)
    {
        try
        {
            history.Add(statement);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException && !_historyFails)
        {
            _historyFails = true;
            ui.WriteWarningLine($"The history is not kept: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Said once already.
        }
    }
}
