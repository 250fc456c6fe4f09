using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using StratoVirt.Shell.Editing;
using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Running;

/// <summary>One run of the shell, from the command line to the exit code.</summary>
internal sealed class ShellSession : IDisposable
{
    // What SIGTERM leaves for `finally` blocks and for machines to power off; a service manager waits longer.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly ShellOptions _options;
    private readonly ShellHost _host;
    private readonly ShellUserInterface _ui;
    private readonly Runspace _runspace;
    private readonly CommandRunner _runner;
    private readonly PromptLoop _prompt;
    private readonly SessionSignals _signals;
    private readonly ManualResetEventSlim _ended = new();
    private readonly bool _isPrompt;
    private volatile bool _interrupted;

    public ShellSession(ShellOptions options)
    {
        _options = options;
        _isPrompt = (options.Mode == ShellMode.Prompt || options.NoExit) && ConsoleTerminal.InputIsTerminal;
        if (options.WorkingDirectory is { } directory)
            Directory.SetCurrentDirectory(directory);
        var terminal = new ConsoleTerminal();
        _ui = new ShellUserInterface(terminal, new OutputWriter(), options.NonInteractive);
        _host = new ShellHost(_ui);
        _runspace = SessionState.Open(_host, _isPrompt);
        Runspace.DefaultRunspace = _runspace;
        _runner = new CommandRunner(_runspace, _ui);
        _prompt = new PromptLoop(terminal, _host, _ui, _runner, new EngineCompletion(_runspace),
            new LineHistory(_isPrompt ? LineHistory.DefaultPath : null));
        _ui.Input.Interrupted = () => _runner.Interrupt();
        if (_isPrompt)
            _host.NestedPrompt = _prompt.RunNested;
        _signals = new SessionSignals(Interrupt, Terminate);
    }

    /// <returns>The exit code.</returns>
    public int Run()
    {
        int code = _options.Mode switch
        {
            ShellMode.File => RunFile(),
            ShellMode.Command => RunCommand(),
            ShellMode.Prompt when _isPrompt => ExitCodes.Success,
            _ => CodeOf(_prompt.RunScripted(Console.In)),
        };
        if (_isPrompt && _host.ExitCode is null)
            code = RunPrompt();
        return _host.ExitCode ?? code;
    }

    public void Dispose()
    {
        // The signals stay ours until the runspace is closed: closing it ends what the session's modules hold.
        _runspace.Dispose();
        _ended.Set();
        _signals.Dispose();
    }

    private int RunPrompt()
    {
        _interrupted = false;
        if (!_options.NoLogo)
            _ui.WriteLine($"{ShellVersion.Text}. Core commands only; 'exit' or Ctrl-D leaves.");
        _prompt.Run();
        return ExitCodes.Success;
    }

    private int RunCommand()
    {
        var script = Parser.ParseInput(_options.Text, out _, out _);
        return CodeOf(_runner.RunText(_options.Text, InputFor(script)));
    }

    private int RunFile()
    {
        string path = Path.GetFullPath(_options.Text);
        if (!File.Exists(path))
        {
            _ui.WriteErrorLine($"strato: there is no script '{_options.Text}' ({path}).");
            return ExitCodes.BadArguments;
        }
        var script = Parser.ParseFile(path, out _, out var errors);
        if (errors.Length > 0)
        {
            _ui.WriteErrorLine(ParseErrorView.Render(errors));
            return ExitCodes.Failure;
        }
        var input = InputFor(script);
        var call = ScriptCall.Create(path, _options.Arguments, keepScope: _options.NoExit, takesInput: input is not null);
        return CodeOf(_runner.RunScript(call, path, input));
    }

    private static TextReader? InputFor(ScriptBlockAst script) =>
        !ConsoleTerminal.InputIsTerminal && PipelineInput.IsReadBy(script) ? Console.In : null;

    private int CodeOf(CommandOutcome outcome) => outcome switch
    {
        _ when _interrupted => ExitCodes.Interrupted,
        CommandOutcome.Completed => _runner.LastSucceeded ? ExitCodes.Success : ExitCodes.Failure,
        _ => ExitCodes.Failure,
    };

    /// <summary>A second Ctrl-C ends a script whose cleanup hangs; the prompt is never ended by one.</summary>
    private bool Interrupt()
    {
        bool again = _interrupted && !_isPrompt;
        _interrupted = true;
        return !again && (_runner.Interrupt() || _isPrompt);
    }

    /// <summary>On the signal's thread: the main thread ends by itself once its command has stopped, unless it waits
    /// for a key, which nothing can interrupt.</summary>
    private void Terminate(int code)
    {
        _host.SetShouldExit(code);
        _runner.StopAll(StopLimit);
        if (!_prompt.IsReading && _ended.Wait(StopLimit))
            return;
        _runspace.Close();
        Environment.Exit(code);
    }
}
