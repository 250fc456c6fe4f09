using System.Management.Automation;
using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Tests.Hosting;

public sealed class ProgressLineTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly StoppedClock _clock = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void OnATerminalItIsOneLineThatOutputWipes()
    {
        var writer = new OutputWriter(_output, _error, decorateOutput: true, decorateError: true);
        var view = new ProgressLine(writer, () => 20, _clock);
        view.Show(1, new ProgressRecord(1, "Copying", "a long file name indeed"));
        writer.WriteLine("done");
        Assert.Equal("\r\e[KCopying: a long fil\r\e[Kdone\n", _output.ToString());
    }

    [Fact]
    public void ItNeverCoversAnUnfinishedLine()
    {
        var writer = new OutputWriter(_output, _error, decorateOutput: true, decorateError: true);
        writer.Write("half a line");
        new ProgressLine(writer, () => 80, _clock).Show(1, new ProgressRecord(1, "Copying", "file"));
        Assert.Equal("half a line", _output.ToString());
    }

    [Fact]
    public void InALogItIsALineNowAndThenOnTheErrorStream()
    {
        var view = new ProgressLine(new OutputWriter(_output, _error, false, false), () => 20, _clock);
        for (int percent = 0; percent <= 100; percent++)
        {
            view.Show(1, new ProgressRecord(1, "Copying", "all") { PercentComplete = percent });
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        string[] lines = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(11, lines.Length);
        Assert.Equal("Copying: all 0%", lines[0]);
        Assert.Equal("Copying: all 100%", lines[^1]);
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public void TheLineTellsPercentTimeAndStep() => Assert.Equal("A: s 5% (1:05 left) - step",
        ProgressLine.Describe(new ProgressRecord(1, "A", "s")
        {
            PercentComplete = 5,
            SecondsRemaining = 65,
            CurrentOperation = "step",
        }));

    private sealed class StoppedClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
