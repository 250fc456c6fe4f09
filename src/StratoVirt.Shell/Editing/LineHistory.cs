using System.Text;

namespace StratoVirt.Shell.Editing;

/// <summary>Accepted lines, kept in a file only its owner can read. A line break inside an entry is written as a
/// backtick before the break, the way PowerShell continues a line.</summary>
internal sealed class LineHistory
{
    private const int MaxEntries = 2000;
    private const long MaxFileBytes = 4 << 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly List<string> _entries = [];
    private readonly string? _path;
    private int _position;
    private string _draft = "";

    /// <param name="path">The file, created when the first line is kept; null keeps nothing beyond the session.</param>
    public LineHistory(string? path)
    {
        _path = path;
        if (path is not null && File.Exists(path))
            Load(path);
        Rewind();
    }

    /// <summary><c>$XDG_STATE_HOME/stratovirt/history</c> (XDG Base Directory Specification); null where the user
    /// has no home.</summary>
    public static string? DefaultPath
    {
        get
        {
            string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (!Path.IsPathRooted(state))
                state = home.Length == 0 ? null : Path.Combine(home, ".local", "state");
            return state is null ? null : Path.Combine(state, "stratovirt", "history");
        }
    }

    public IReadOnlyList<string> Entries => _entries;

    public void Rewind()
    {
        _position = _entries.Count;
        _draft = "";
    }

    /// <summary>The entry before the one shown; null at the first. What was typed is kept for the way back.</summary>
    public string? Previous(string current)
    {
        if (_position == 0)
            return null;
        if (_position == _entries.Count)
            _draft = current;
        return _entries[--_position];
    }

    /// <summary>The entry after the one shown, at last what was typed; null past that.</summary>
    public string? Next()
    {
        if (_position >= _entries.Count)
            return null;
        _position++;
        return _position == _entries.Count ? _draft : _entries[_position];
    }

    /// <summary>Keeps an entry unless it is blank or repeats the one before it.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public void Add(string entry)
    {
        if (string.IsNullOrWhiteSpace(entry) || (_entries.Count > 0 && _entries[^1] == entry))
            return;
        Keep(entry);
        Rewind();
        if (_path is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        using var file = new FileStream(_path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            UnixCreateMode = OwnerOnly,
        });
        file.Write(Encoding.UTF8.GetBytes(entry.Replace("\n", "`\n", StringComparison.Ordinal) + "\n"));
    }

    private void Keep(string entry)
    {
        if (_entries.Count == MaxEntries)
            _entries.RemoveAt(0);
        _entries.Add(entry);
    }

    private void Load(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (file.Length > MaxFileBytes)
            file.Seek(-MaxFileBytes, SeekOrigin.End);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var entry = new StringBuilder();
        while (reader.ReadLine() is { } line)
        {
            if (line.EndsWith('`'))
            {
                entry.Append(line, 0, line.Length - 1).Append('\n');
                continue;
            }
            Keep(entry.Append(line).ToString());
            entry.Clear();
        }
    }
}
