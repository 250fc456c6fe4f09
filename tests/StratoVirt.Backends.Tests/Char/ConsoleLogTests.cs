using System.Text;
using StratoVirt.Backends.Char;
using StratoVirt.Linux;
using Xunit;

namespace StratoVirt.Backends.Tests.Char;

public sealed class ConsoleLogTests : IDisposable
{
    private const long Limit = 4096;
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(1);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("strato-log-");

    private string FilePath => Path.Combine(_directory.FullName, "console.log");

    private string RotatedPath => FilePath + ".1";

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Writes_what_was_printed_before_and_after_it_was_opened()
    {
        ConsoleBuffer console = new(1000);
        console.Write("before "u8);
        ConsoleLog log = ConsoleLog.Open(console, FilePath, Limit);
        console.Write("after"u8);
        log.Dispose();

        Assert.Equal("before after", File.ReadAllText(FilePath));
        Assert.Equal(new ConsoleLogStatus(12, 0, null), log.Status);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        log.Dispose();
    }

    [Fact]
    public void Ends_by_itself_with_the_machine()
    {
        ConsoleBuffer console = new(1000);
        using ConsoleLog log = ConsoleLog.Open(console, FilePath, Limit);
        console.Write("bye"u8);
        console.Complete();

        Assert.True(SpinWait.SpinUntil(() => log.Status.Written == 3, TimeSpan.FromMinutes(1)));
        Assert.Equal("bye", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Appends_to_an_earlier_log()
    {
        File.WriteAllText(FilePath, "earlier ");
        ConsoleBuffer console = new(1000);
        console.Write("later"u8);
        ConsoleLog.Open(console, FilePath, Limit).Dispose();

        Assert.Equal("earlier later", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Keeps_one_full_file_and_the_present_one()
    {
        byte[] stream = [.. Enumerable.Range(0, 10_000).Select(i => (byte)i)];
        ConsoleBuffer console = new(20_000);
        console.Write(stream);
        ConsoleLog log = ConsoleLog.Open(console, FilePath, Limit);
        log.Dispose();

        Assert.Equal(stream[4096..8192], File.ReadAllBytes(RotatedPath));
        Assert.Equal(stream[8192..], File.ReadAllBytes(FilePath));
        Assert.Equal(10_000, log.Status.Written);
        Assert.Equal(2, _directory.GetFiles().Length);
    }

    [Fact]
    public void A_full_disk_is_reported_and_survived()
    {
        ConsoleBuffer console = new(1000);
        using ConsoleLog log = ConsoleLog.Open(console, "/dev/full", Limit, Retry);
        console.Write(new byte[100]);

        Assert.True(SpinWait.SpinUntil(() => log.Status.Problem is not null, TimeSpan.FromMinutes(1)));
        Assert.Contains("No space left", log.Status.Problem, StringComparison.Ordinal);
        log.Dispose();
        Assert.Equal(0, log.Status.Written);
        Assert.Equal(100, log.Status.Lost);
    }

    /// <summary>The full file cannot be moved, for a while; meanwhile the guest prints more than its history holds.</summary>
    [Fact]
    public void After_a_failure_it_goes_on_and_notes_what_was_lost()
    {
        Directory.CreateDirectory(Path.Combine(RotatedPath, "in the way"));
        ConsoleBuffer console = new(8192);
        using ConsoleLog log = ConsoleLog.Open(console, FilePath, Limit, Retry);
        byte[] first = [.. Enumerable.Repeat((byte)'a', (int)Limit + 1)];
        console.Write(first);
        Assert.True(SpinWait.SpinUntil(() => log.Status.Problem is not null, TimeSpan.FromMinutes(1)));

        console.Write(new byte[50_000]);
        console.Write(Encoding.ASCII.GetBytes(new string('z', 8192)));
        Directory.Delete(RotatedPath, recursive: true);
        Assert.True(SpinWait.SpinUntil(() => log.Status.Problem is null, TimeSpan.FromMinutes(1)));
        log.Dispose();

        ConsoleLogStatus status = log.Status;
        Assert.Equal(50_000, status.Lost);
        Assert.Equal(first.Length + 8192, status.Written);
        Assert.Null(status.Problem);
        string kept = File.ReadAllText(RotatedPath) + File.ReadAllText(FilePath);
        Assert.EndsWith(new string('z', 4096), kept, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lapped_log_says_how_much_is_missing_and_where()
    {
        ConsoleBuffer console = new(10);
        console.Write("0123456789abcdef"u8);
        ConsoleLog log = ConsoleLog.Open(console, FilePath, Limit);
        log.Dispose();

        Assert.Equal("\n[console log: 6 bytes lost here]\n6789abcdef", File.ReadAllText(FilePath));
        Assert.Equal(new ConsoleLogStatus(10, 6, null), log.Status);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_an_error_at_once()
    {
        ConsoleBuffer console = new(10);
        Assert.Throws<LinuxException>(() => ConsoleLog.Open(console, Path.Combine(FilePath, "x"), Limit));
        Assert.Throws<LinuxException>(() => ConsoleLog.Open(console, _directory.FullName, Limit));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConsoleLog.Open(console, FilePath, 100));
    }
}
