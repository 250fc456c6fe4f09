using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Running;

/// <summary>Runs commands in the session's runspace, formats what they emit, reports what ends them.</summary>
internal sealed class CommandRunner(Runspace runspace, ShellUserInterface ui)
{
    private readonly Lock _gate = new();

    // More than one while a nested prompt is open inside a command.
    private readonly Stack<Pipeline> _running = [];
    private bool _hinted;

    public bool IsRunning
    {
        get
        {
            lock (_gate)
                return _running.Count > 0;
        }
    }

    /// <summary>Whether the last command succeeded: <c>$?</c>.</summary>
    public bool LastSucceeded => Evaluate("$?") is true;

    /// <summary>Runs text as if typed; its variables stay.</summary>
    /// <param name="text">The statements.</param>
    /// <param name="input">Lines for <c>$input</c>; null gives none.</param>
    public CommandOutcome RunText(string text, TextReader? input = null)
    {
        Parser.ParseInput(text, out _, out var errors);
        if (errors.Length > 0)
        {
            ui.WriteErrorLine(ParseErrorView.Render(errors));
            return CommandOutcome.Failed;
        }
        return Run(new Command(text, isScript: true, useLocalScope: false), text, input);
    }

    /// <summary>Runs a script file.</summary>
    /// <param name="call">The call, as <see cref="ScriptCall"/> makes it.</param>
    /// <param name="path">The script, for the history.</param>
    /// <param name="input">Lines for the script's <c>$input</c>; null gives none.</param>
    public CommandOutcome RunScript(Command call, string path, TextReader? input) => Run(call, path, input);

    /// <summary>The last value the text emits; null when it fails or emits nothing.</summary>
    public object? Evaluate(string text)
    {
        using var pipeline = Create();
        pipeline.Commands.Add(new Command(text, isScript: true, useLocalScope: false));
        try
        {
            return pipeline.Invoke().LastOrDefault()?.BaseObject;
        }
        catch (RuntimeException)
        {
            return null;
        }
    }

    /// <summary>Asks the innermost running command to stop; returns at once.</summary>
    /// <returns>False when none is running.</returns>
    public bool Interrupt()
    {
        lock (_gate)
        {
            if (_running.Count == 0)
                return false;
            _running.Peek().StopAsync();
            return true;
        }
    }

    /// <summary>Stops every running command and waits for their cleanup, at most so long.</summary>
    public void StopAll(TimeSpan limit)
    {
        Pipeline[] running;
        lock (_gate)
            running = [.. _running];
        Task.Run(() =>
        {
            foreach (var pipeline in running)
                pipeline.Stop();
        }).Wait(limit);
    }

    /// <summary>Shows an error as the engine's error view has it.</summary>
    public void Report(Exception failure)
    {
        // The record in an exception holds a stand-in for it, so that the two do not hold each other.
        var record = failure is IContainsErrorRecord { ErrorRecord: { } inner }
            ? new ErrorRecord(inner, failure)
            : new ErrorRecord(failure, failure.GetType().Name, ErrorCategory.NotSpecified, null);
        try
        {
            using var pipeline = Create();
            pipeline.Commands.Add(new Command("Out-Default"));
            ui.Output.ShowError(() => pipeline.Invoke(new object[] { record }));
        }
        catch (RuntimeException)
        {
            // The view itself failed (a user's format data can): the plain message must still come out.
            ui.WriteErrorLine(record.ToString());
        }
    }

    private Pipeline Create() => IsRunning ? runspace.CreateNestedPipeline() : runspace.CreatePipeline();

    private CommandOutcome Run(Command command, string historyText, TextReader? input)
    {
        // The engine moves $? only for pipelines that go into the history.
        using (var pipeline = IsRunning
            ? runspace.CreateNestedPipeline(historyText, addToHistory: true)
            : runspace.CreatePipeline(historyText, addToHistory: true))
        {
            pipeline.Commands.Clear();
            pipeline.Commands.Add(command);
            // In one stream, errors and output reach the screen in the order they were written.
            command.MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
            pipeline.Commands.Add(new Command("Out-Default", isScript: false, useLocalScope: true));
            Exception? failure = Execute(pipeline, input);
            ui.Progress.Reset();
            if (!_hinted)
                HintAtMissingCommand();
            switch (failure)
            {
                case null:
                    return CommandOutcome.Completed;
                case PipelineStoppedException:
                    return CommandOutcome.Stopped;
                default:
                    Report(failure);
                    return CommandOutcome.Failed;
            }
        }
    }

    private void HintAtMissingCommand()
    {
        if (Evaluate("$Error[0]") is not ErrorRecord { Exception: CommandNotFoundException missing }
            || MissingCommand.Hint(missing.CommandName) is not { } hint)
            return;
        ui.WriteErrorLine(hint);
        _hinted = true;
    }

    private Exception? Execute(Pipeline pipeline, TextReader? input)
    {
        lock (_gate)
            _running.Push(pipeline);
        try
        {
            if (input is not null)
                return ExecuteWithInput(pipeline, input);
            pipeline.Invoke();
            return null;
        }
        catch (RuntimeException failure)
        {
            return failure;
        }
        finally
        {
            lock (_gate)
                _running.Pop();
        }
    }

    private static Exception? ExecuteWithInput(Pipeline pipeline, TextReader input)
    {
        using var ended = new ManualResetEventSlim();
        pipeline.StateChanged += (_, change) =>
        {
            if (change.PipelineStateInfo.State is PipelineState.Completed or PipelineState.Failed or PipelineState.Stopped)
                ended.Set();
        };
        // A thread of its own: a read of standard input cannot be cancelled and must not hold up the exit.
        new Thread(() => Feed(pipeline, input)) { IsBackground = true, Name = "standard input" }.Start();
        pipeline.InvokeAsync();
        ended.Wait();
        return pipeline.PipelineStateInfo switch
        {
            { State: PipelineState.Stopped } => new PipelineStoppedException(),
            var info => info.Reason,
        };
    }

    private static void Feed(Pipeline pipeline, TextReader input)
    {
        try
        {
            while (input.ReadLine() is { } line)
                pipeline.Input.Write(line);
            pipeline.Input.Close();
        }
        catch (PipelineClosedException)
        {
            // The command ended without reading the rest, as `head` does.
        }
        catch (ObjectDisposedException)
        {
            // The same, noticed a moment later.
        }
    }
}
