using System.Text;

namespace StratoVirt.PowerShell.Consoles;

/// <summary>Reads a console as text from a position on: in whole lines, or in characters as they come.</summary>
internal sealed class ConsoleReader(IConsoleHistory history, long position)
{
    /// <summary>Characters after which a line is given out in pieces: a guest need never end one.</summary>
    private const int LongestLine = 64 << 10;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly byte[] _bytes = new byte[16 << 10];
    private readonly StringBuilder _unfinished = new();
    private long _position = position;

    /// <summary>The next byte to read.</summary>
    public long Position => _position;

    /// <summary>The characters printed until now, in pieces.</summary>
    public IEnumerable<string> ReadText()
    {
        // The end is fixed first: a guest that prints without pause would never let its reader catch up.
        long end = history.Written;
        while (end - _position is > 0 and long left)
        {
            int count = history.Read(ref _position, _bytes.AsSpan(0, (int)Math.Min(left, _bytes.Length)));
            if (count == 0)
            {
                yield break;
            }

            char[] characters = new char[_decoder.GetCharCount(_bytes, 0, count, flush: false)];
            _decoder.GetChars(_bytes, 0, count, characters, 0, flush: false);
            yield return new string(characters);
        }
    }

    /// <summary>The lines ended until now, without their line ends.</summary>
    public IEnumerable<string> ReadLines()
    {
        foreach (string text in ReadText())
        {
            foreach (char character in text)
            {
                if (character == '\n' || _unfinished.Length == LongestLine)
                {
                    yield return TakeLine();
                }

                if (character != '\n')
                {
                    _unfinished.Append(character);
                }
            }
        }
    }

    /// <summary>The line begun and not ended, as a prompt is; null when there is none.</summary>
    public string? TakeUnfinished() => _unfinished.Length == 0 ? null : TakeLine();

    private string TakeLine()
    {
        string line = _unfinished.ToString().TrimEnd('\r');
        _unfinished.Clear();
        return line;
    }
}
