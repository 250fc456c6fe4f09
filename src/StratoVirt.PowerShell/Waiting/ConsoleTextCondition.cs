using System.Text.RegularExpressions;
using StratoVirt.PowerShell.Consoles;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Waiting;

/// <summary>
/// The guest has printed text that matches, behind what this process typed last. Matching is over the tail of the
/// output, so that a guest can print for ever.
/// </summary>
internal sealed class ConsoleTextCondition(string text, Regex pattern) : WaitCondition
{
    /// <summary>Characters of output matched against: more than any prompt and its answer.</summary>
    private const int Window = 64 << 10;

    private MachineRun? _run;
    private ConsoleReader? _console;
    private string _text = string.Empty;

    /// <inheritdoc/>
    public override string Description => $"to print '{text}'";

    /// <inheritdoc/>
    public override bool NeedsGuest => true;

    /// <inheritdoc/>
    public override bool IsMet(StratoVm vm, MachineRun? run)
    {
        if (run is null)
        {
            return false;
        }

        if (_console is null || _run != run)
        {
            _run = run;
            _text = string.Empty;
            _console = new ConsoleReader(run.Console, run.InputMark);
        }

        foreach (string more in _console.ReadText())
        {
            // Terminal line ends become plain ones, so that $ matches where a reader sees a line end.
            _text += more.Replace("\r", string.Empty, StringComparison.Ordinal);
            if (pattern.IsMatch(_text))
            {
                return true;
            }

            _text = _text.Length > Window ? _text[^Window..] : _text;
        }

        return false;
    }

    /// <inheritdoc/>
    public override void Pause(MachineRun? run, TimeSpan slice, CancellationToken cancellationToken)
    {
        if (_console is null || run is null)
        {
            Sleep(slice, cancellationToken);
        }
        else
        {
            run.Console.WaitForOutput(_console.Position, slice, cancellationToken);
        }
    }
}
