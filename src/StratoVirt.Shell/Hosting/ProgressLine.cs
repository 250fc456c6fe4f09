using System.Management.Automation;

namespace StratoVirt.Shell.Hosting;

/// <summary>Progress as one line: redrawn in place on a terminal, else a plain line now and then.</summary>
/// <param name="output">Where it is drawn.</param>
/// <param name="width">Cells in a row of the terminal.</param>
/// <param name="clock">Monotonic time.</param>
internal sealed class ProgressLine(OutputWriter output, Func<int> width, TimeProvider clock)
{
    // Redrawing costs a system call; ten a second look steady. A log wants to be readable.
    private static readonly TimeSpan TerminalPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Source, int Activity), string> _active = [];
    private long _lastShown;
    private bool _shownBefore;
    private string _lastActivity = "";

    public void Show(long sourceId, ProgressRecord record)
    {
        lock (_gate)
        {
            var key = (sourceId, record.ActivityId);
            if (record.RecordType == ProgressRecordType.Completed)
            {
                _active.Remove(key);
                if (_active.Count == 0)
                    output.ClearProgress();
                return;
            }
            string line = Describe(record);
            bool isNew = !_active.ContainsKey(key) && record.Activity != _lastActivity;
            _active[key] = line;
            if (!isNew && !IsDue())
                return;
            _lastShown = clock.GetTimestamp();
            _shownBefore = true;
            _lastActivity = record.Activity;
            if (output.DecoratesOutput)
                output.ShowProgress(CellWidth.Fit(line, width() - 1));
            else
                output.WriteErrorLine(line);
        }
    }

    /// <summary>Forgets what an ended pipeline left unfinished.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _active.Clear();
            _lastActivity = "";
            output.ClearProgress();
        }
    }

    internal static string Describe(ProgressRecord record)
    {
        string percent = record.PercentComplete is >= 0 and <= 100 ? $" {record.PercentComplete}%" : "";
        string left = record.SecondsRemaining >= 0
            ? $" ({TimeSpan.FromSeconds(record.SecondsRemaining):m\\:ss} left)"
            : "";
        string step = string.IsNullOrEmpty(record.CurrentOperation) ? "" : $" - {record.CurrentOperation}";
        return $"{record.Activity}: {record.StatusDescription}{percent}{left}{step}".ReplaceLineEndings(" ");
    }

    private bool IsDue() => !_shownBefore
        || clock.GetElapsedTime(_lastShown) >= (output.DecoratesOutput ? TerminalPeriod : LogPeriod);
}
