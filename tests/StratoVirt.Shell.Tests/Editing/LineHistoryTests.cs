using StratoVirt.Shell.Editing;

namespace StratoVirt.Shell.Tests.Editing;

public sealed class LineHistoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stratovirt-history");

    private string FilePath => Path.Combine(_folder.FullName, "deeper", "history");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void EntriesAreThereInTheNextSession()
    {
        var history = new LineHistory(FilePath);
        history.Add("one");
        history.Add("if (1) {\n  'two'\n}");
        history.Add("three");
        Assert.Equal(["one", "if (1) {\n  'two'\n}", "three"], new LineHistory(FilePath).Entries);
    }

    [Fact]
    public void OnlyTheOwnerCanReadTheFile()
    {
        new LineHistory(FilePath).Add("secret");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void BlankAndRepeatedLinesAreNotKept()
    {
        var history = new LineHistory(FilePath);
        foreach (string line in new[] { "a", "a", " ", "", "b", "a" })
            history.Add(line);
        Assert.Equal(["a", "b", "a"], new LineHistory(FilePath).Entries);
    }

    [Fact]
    public void TheMemoryOfItIsBounded()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllLines(FilePath, Enumerable.Range(0, 5000).Select(i => $"line {i}"));
        var entries = new LineHistory(FilePath).Entries;
        Assert.Equal(2000, entries.Count);
        Assert.Equal("line 4999", entries[^1]);
    }
}
