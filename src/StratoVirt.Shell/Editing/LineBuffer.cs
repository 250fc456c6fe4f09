using System.Text;

namespace StratoVirt.Shell.Editing;

/// <summary>The line being typed, its cursor, and the text last cut. The cursor never splits a character.</summary>
internal sealed class LineBuffer
{
    private readonly StringBuilder _text = new();
    private string _cut = "";

    public int Cursor { get; private set; }

    public int Length => _text.Length;

    public string Text => _text.ToString();

    public void Set(string text)
    {
        _text.Clear().Append(text);
        Cursor = _text.Length;
    }

    public void Insert(string text)
    {
        _text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    public void Replace(int start, int length, string text)
    {
        start = Math.Clamp(start, 0, Length);
        length = Math.Clamp(length, 0, Length - start);
        _text.Remove(start, length).Insert(start, text);
        Cursor = start + text.Length;
    }

    public void Left() => Cursor = Before(Cursor);

    public void Right() => Cursor = After(Cursor);

    public void Home() => Cursor = 0;

    public void End() => Cursor = Length;

    public void WordLeft() => Cursor = WordStart();

    public void WordRight()
    {
        while (Cursor < Length && !IsWord(_text[Cursor]))
            Cursor++;
        while (Cursor < Length && IsWord(_text[Cursor]))
            Cursor++;
    }

    public void Backspace()
    {
        int start = Before(Cursor);
        _text.Remove(start, Cursor - start);
        Cursor = start;
    }

    public void Delete() => _text.Remove(Cursor, After(Cursor) - Cursor);

    public void CutToEnd() => Cut(Cursor, Length);

    public void CutToStart() => Cut(0, Cursor);

    /// <summary>Cuts back to the blank before the word, as a terminal's own Ctrl-W does.</summary>
    public void CutWord()
    {
        int start = Cursor;
        while (start > 0 && char.IsWhiteSpace(_text[start - 1]))
            start--;
        while (start > 0 && !char.IsWhiteSpace(_text[start - 1]))
            start--;
        Cut(start, Cursor);
    }

    public void Paste() => Insert(_cut);

    private void Cut(int start, int end)
    {
        if (start == end)
            return;
        _cut = _text.ToString(start, end - start);
        _text.Remove(start, end - start);
        Cursor = start;
    }

    private int WordStart()
    {
        int start = Cursor;
        while (start > 0 && !IsWord(_text[start - 1]))
            start--;
        while (start > 0 && IsWord(_text[start - 1]))
            start--;
        return start;
    }

    private int Before(int index) => index switch
    {
        0 => 0,
        >= 2 when char.IsSurrogatePair(_text[index - 2], _text[index - 1]) => index - 2,
        _ => index - 1,
    };

    private int After(int index) => index >= Length ? Length
        : index + 1 < Length && char.IsSurrogatePair(_text[index], _text[index + 1]) ? index + 2
        : index + 1;

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_' || char.IsSurrogate(c);
}
