using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Editing;

/// <summary>Reads one line from a terminal with the keys of a Unix shell's emacs mode.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="history">Earlier lines for the arrow keys; none when null.</param>
/// <param name="complete">Completions of the line at the cursor; none when null.</param>
internal sealed class LineEditor(ITerminal terminal, LineHistory? history = null,
    Func<string, int, CompletionSet>? complete = null)
{
    // A longer list scrolls the line out of sight.
    private const int MaxListed = 200;

    // More than anybody types, less than a stray binary paste.
    private const int MaxLineLength = 1 << 20;

    private readonly LineBuffer _line = new();
    private bool _listNext;

    public EditResult ReadLine(string prompt)
    {
        _line.Set("");
        history?.Rewind();
        using var editing = terminal.BeginEditing();
        var view = new LineView(terminal, prompt);
        view.Draw("", 0);
        while (true)
        {
            var key = terminal.ReadKey();
            bool isTab = key.Key == ConsoleKey.Tab;
            if (Ends(key) is { } kind)
            {
                view.Finish(_line.Text, kind == EditKind.Cancelled ? "^C" : "");
                return new EditResult(kind, kind == EditKind.Accepted ? _line.Text : "");
            }
            if (isTab)
                Complete(view);
            else if (key is { Key: ConsoleKey.L, Modifiers: ConsoleModifiers.Control })
                view.ClearScreen();
            else
                Apply(key);
            _listNext &= isTab;
            if (!terminal.KeyAvailable)
                view.Draw(_line.Text, _line.Cursor);
        }
    }

    private EditKind? Ends(ConsoleKeyInfo key)
    {
        if (key.Key == ConsoleKey.Enter)
            return EditKind.Accepted;
        if (key.Modifiers != ConsoleModifiers.Control)
            return null;
        return key.Key switch
        {
            ConsoleKey.J or ConsoleKey.M => EditKind.Accepted,
            ConsoleKey.C => EditKind.Cancelled,
            ConsoleKey.D when _line.Length == 0 => EditKind.EndOfInput,
            _ => null,
        };
    }

    private void Apply(ConsoleKeyInfo key)
    {
        if (key.Modifiers == ConsoleModifiers.Control)
            ApplyControl(key.Key);
        else if (key.Modifiers == ConsoleModifiers.Alt)
            ApplyAlt(key.Key);
        else if (!ApplyPlain(key.Key) && !char.IsControl(key.KeyChar) && _line.Length < MaxLineLength)
            _line.Insert(key.KeyChar.ToString());
    }

    private bool ApplyPlain(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.LeftArrow: _line.Left(); return true;
            case ConsoleKey.RightArrow: _line.Right(); return true;
            case ConsoleKey.UpArrow: Recall(history?.Previous(_line.Text)); return true;
            case ConsoleKey.DownArrow: Recall(history?.Next()); return true;
            case ConsoleKey.Home: _line.Home(); return true;
            case ConsoleKey.End: _line.End(); return true;
            case ConsoleKey.Backspace: _line.Backspace(); return true;
            case ConsoleKey.Delete: _line.Delete(); return true;
            default: return false;
        }
    }

    private void ApplyControl(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.A: _line.Home(); break;
            case ConsoleKey.E: _line.End(); break;
            case ConsoleKey.B: _line.Left(); break;
            case ConsoleKey.F: _line.Right(); break;
            case ConsoleKey.P: Recall(history?.Previous(_line.Text)); break;
            case ConsoleKey.N: Recall(history?.Next()); break;
            case ConsoleKey.D: _line.Delete(); break;
            case ConsoleKey.H: _line.Backspace(); break;
            case ConsoleKey.K: _line.CutToEnd(); break;
            case ConsoleKey.U: _line.CutToStart(); break;
            case ConsoleKey.W: _line.CutWord(); break;
            case ConsoleKey.Y: _line.Paste(); break;
            case ConsoleKey.LeftArrow: _line.WordLeft(); break;
            case ConsoleKey.RightArrow: _line.WordRight(); break;
        }
    }

    private void ApplyAlt(ConsoleKey key)
    {
        if (key == ConsoleKey.B)
            _line.WordLeft();
        else if (key == ConsoleKey.F)
            _line.WordRight();
    }

    private void Recall(string? text)
    {
        if (text is not null)
            _line.Set(text);
    }

    /// <summary>The first Tab puts in what all completions share; a second one lists them.</summary>
    private void Complete(LineView view)
    {
        var set = complete?.Invoke(_line.Text, _line.Cursor) ?? CompletionSet.None;
        if (set.Choices.Count == 0)
            return;
        string common = set.CommonStart;
        bool grows = common.Length > set.Length;
        if (set.Choices.Count == 1 || grows)
            _line.Replace(set.Start, set.Length, set.Choices.Count == 1 ? set.Choices[0].Text : common);
        if (set.Choices.Count > 1 && !grows && _listNext)
            List(view, set.Choices);
        _listNext = set.Choices.Count > 1;
    }

    private void List(LineView view, IReadOnlyList<CompletionChoice> choices)
    {
        view.Finish(_line.Text, "");
        int listed = Math.Min(choices.Count, MaxListed);
        int cell = choices.Take(listed).Max(choice => CellWidth.Of(choice.Label)) + 2;
        int columns = Math.Max(1, terminal.Width / cell);
        int rows = (listed + columns - 1) / columns;
        for (int row = 0; row < rows; row++)
        {
            for (int i = row; i < listed; i += rows)
            {
                string label = CellWidth.Fit(choices[i].Label, terminal.Width - 1);
                bool last = i + rows >= listed;
                terminal.Write(last ? label : label + new string(' ', cell - CellWidth.Of(label)));
            }
            terminal.Write("\r\n");
        }
        if (listed < choices.Count)
            terminal.Write($"... and {choices.Count - listed} more\r\n");
    }
}
