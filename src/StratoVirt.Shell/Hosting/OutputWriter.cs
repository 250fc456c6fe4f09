using System.Management.Automation;
using System.Management.Automation.Internal;

namespace StratoVirt.Shell.Hosting;

/// <summary>The two output streams and the progress line, which share one screen: whoever writes first wipes the
/// progress line, and no text is ever drawn over.</summary>
internal sealed class OutputWriter
{
    private readonly Lock _gate = new();
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _decorateOutput;
    private readonly bool _decorateError;
    private bool _midLine;
    private bool _progressShown;
    private bool _showingError;

    public OutputWriter()
        : this(Console.Out, Console.Error, ConsoleTerminal.OutputIsTerminal && ConsoleTerminal.Decorates,
            ConsoleTerminal.ErrorIsTerminal && ConsoleTerminal.Decorates)
    {
    }

    public OutputWriter(TextWriter output, TextWriter error, bool decorateOutput, bool decorateError)
    {
        _output = output;
        _error = error;
        _decorateOutput = decorateOutput;
        _decorateError = decorateError;
    }

    /// <summary>Whether standard output is a terminal that understands escape sequences.</summary>
    public bool DecoratesOutput => _decorateOutput;

    public bool DecoratesError => _decorateError;

    public void Write(string text)
    {
        if (text.Length == 0)
            return;
        lock (_gate)
        {
            WipeProgress();
            _output.Write(_decorateOutput ? text : Plain(text));
            _midLine = text[^1] != '\n';
        }
    }

    public void WriteLine(string text)
    {
        lock (_gate)
        {
            if (_showingError)
            {
                // The views put blank lines around what they show; between error lines they only spread them.
                if (!string.IsNullOrWhiteSpace(Plain(text)))
                    WriteErrorLine(text.TrimEnd('\r', '\n'));
                return;
            }
            WipeProgress();
            _output.WriteLine(_decorateOutput ? text : Plain(text));
            _midLine = false;
        }
    }

    public void WriteErrorLine(string text)
    {
        lock (_gate)
        {
            WipeProgress();
            _error.WriteLine(_decorateError ? text : Plain(text));
        }
    }

    /// <summary>Lines written inside go to the error stream: for a view that shows an error as it shows anything.</summary>
    public void ShowError(Action show)
    {
        lock (_gate)
            _showingError = true;
        try
        {
            show();
        }
        finally
        {
            lock (_gate)
                _showingError = false;
        }
    }

    /// <summary>Draws the one progress line; not while a line of output is unfinished, which it would cover.</summary>
    public void ShowProgress(string line)
    {
        lock (_gate)
        {
            if (_midLine || !_decorateOutput)
                return;
            _output.Write($"\r\e[K{line}");
            _progressShown = true;
        }
    }

    public void ClearProgress()
    {
        lock (_gate)
            WipeProgress();
    }

    /// <summary>The user ended the line, so the cursor is in the first column again.</summary>
    public void LineEnded()
    {
        lock (_gate)
            _midLine = false;
    }

    private void WipeProgress()
    {
        if (!_progressShown)
            return;
        _output.Write("\r\e[K");
        _progressShown = false;
    }

    private static string Plain(string text) =>
        text.Contains('\e', StringComparison.Ordinal)
            ? new StringDecorated(text).ToString(OutputRendering.PlainText)
            : text;
}
