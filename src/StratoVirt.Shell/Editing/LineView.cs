using System.Management.Automation.Internal;
using System.Text;
using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Editing;

/// <summary>Draws a prompt and the line being typed, over as many rows as they need, with the ANSI sequences of
/// ECMA-48 (CUU, CUF, ED).</summary>
internal sealed class LineView
{
    private readonly ITerminal _terminal;
    private readonly string _prompt;
    private readonly int _promptCells;
    private int _cursorRow;

    public LineView(ITerminal terminal, string prompt)
    {
        _terminal = terminal;
        int lastLine = prompt.LastIndexOf('\n') + 1;
        _terminal.Write(prompt[..lastLine]);
        _prompt = prompt[lastLine..];
        var decorated = new StringDecorated(_prompt);
        _promptCells = CellWidth.Of(decorated.ToString(System.Management.Automation.OutputRendering.PlainText));
    }

    public void Draw(string text, int cursor)
    {
        int width = _terminal.Width;
        var end = Locate(text, width);
        var target = Locate(text.AsSpan(0, cursor), width);
        var drawing = new StringBuilder();
        ToStart(drawing).Append(_prompt).Append(text.Replace("\n", "\r\n", StringComparison.Ordinal));
        // A full row leaves the cursor on it until the next character: make the wrap happen now.
        if (end.Column == 0 && end.Row > 0 && !text.EndsWith('\n'))
            drawing.Append("\r\n");
        if (end.Row > target.Row)
            drawing.Append($"\e[{end.Row - target.Row}A");
        drawing.Append('\r');
        if (target.Column > 0)
            drawing.Append($"\e[{target.Column}C");
        _terminal.Write(drawing.ToString());
        _cursorRow = target.Row;
    }

    /// <summary>Leaves the line as it is and goes to the row below it.</summary>
    public void Finish(string text, string mark)
    {
        Draw(text, text.Length);
        _terminal.Write(mark + "\r\n");
        _cursorRow = 0;
    }

    /// <summary>Clears the screen; the next drawing starts at its top.</summary>
    public void ClearScreen()
    {
        _terminal.Write("\e[H\e[2J");
        _cursorRow = 0;
    }

    private StringBuilder ToStart(StringBuilder drawing)
    {
        if (_cursorRow > 0)
            drawing.Append($"\e[{_cursorRow}A");
        return drawing.Append("\r\e[J");
    }

    private (int Row, int Column) Locate(ReadOnlySpan<char> text, int width)
    {
        int row = _promptCells / width, column = _promptCells % width;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n')
            {
                row++;
                column = 0;
                continue;
            }
            int cells = CellWidth.Of(rune);
            // A wide character that no longer fits moves to the next row whole.
            if (column + cells > width)
            {
                row++;
                column = 0;
            }
            column += cells;
            if (column == width)
            {
                row++;
                column = 0;
            }
        }
        return (row, column);
    }
}
