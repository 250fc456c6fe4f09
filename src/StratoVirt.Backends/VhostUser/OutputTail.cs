namespace StratoVirt.Backends.VhostUser;

/// <summary>The last lines a process has written, for the reason of its end.</summary>
internal sealed class OutputTail
{
    private const int MostLines = 5;
    private const int MostCharacters = 500;

    private readonly Queue<string> _lines = new();

    /// <summary>The lines, in order, on one.</summary>
    internal string Text
    {
        get
        {
            lock (_lines)
            {
                return string.Join(" / ", _lines);
            }
        }
    }

    internal void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line.Length > MostCharacters ? line[..MostCharacters] : line);
            if (_lines.Count > MostLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
