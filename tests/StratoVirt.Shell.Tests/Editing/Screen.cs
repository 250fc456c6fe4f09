using System.Text;
using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Tests.Editing;

/// <summary>A terminal that keeps what is on its screen: autowrap with a pending column, CR, LF, BS, and of ECMA-48
/// CUU, CUF, CUP, ED and EL. Anything else is an error in the test.</summary>
internal sealed class Screen(int width, IEnumerable<ConsoleKeyInfo> keys) : ITerminal
{
    private readonly Queue<ConsoleKeyInfo> _keys = new(keys);
    private readonly List<StringBuilder> _rows = [new()];
    private int _row;
    private int _column;

    public int Width => width;

    public bool KeyAvailable => false;

    public int Row => _row;

    public int Column => _column;

    public string Text => string.Join('\n', _rows.Select(row => row.ToString().TrimEnd())).TrimEnd('\n');

    public ConsoleKeyInfo ReadKey() => _keys.Count > 0 ? _keys.Dequeue() : Keys.Control(ConsoleKey.C);

    public IDisposable BeginEditing() => new MemoryStream();

    public void Write(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\e':
                    i = Sequence(text, i + 2);
                    break;
                case '\r':
                    _column = 0;
                    break;
                case '\n':
                    _row++;
                    break;
                case '\b':
                    _column = Math.Max(0, _column - 1);
                    break;
                default:
                    Put(text[i]);
                    break;
            }
        }
    }

    private int Sequence(string text, int i)
    {
        int start = i;
        while (!char.IsAsciiLetter(text[i]))
            i++;
        int count = int.TryParse(text[start..i], out int number) ? number : 0;
        switch (text[i])
        {
            case 'A':
                _row = Math.Max(0, _row - Math.Max(1, count));
                break;
            case 'C':
                _column = Math.Min(width - 1, _column + Math.Max(1, count));
                break;
            case 'H':
                (_row, _column) = (0, 0);
                break;
            case 'J' when count == 0:
                EraseRight();
                _rows.RemoveRange(Math.Min(_row + 1, _rows.Count), Math.Max(0, _rows.Count - _row - 1));
                break;
            case 'J':
                _rows.Clear();
                break;
            case 'K':
                EraseRight();
                break;
            default:
                throw new InvalidOperationException($"unexpected sequence ending in {text[i]}");
        }
        return i;
    }

    private void Put(char c)
    {
        if (_column == width)
        {
            _row++;
            _column = 0;
        }
        while (_rows.Count <= _row)
            _rows.Add(new StringBuilder());
        var row = _rows[_row];
        if (row.Length <= _column)
            row.Append(' ', _column + 1 - row.Length);
        row[_column++] = c;
    }

    private void EraseRight()
    {
        if (_row < _rows.Count && _rows[_row].Length > _column)
            _rows[_row].Length = _column;
    }
}
