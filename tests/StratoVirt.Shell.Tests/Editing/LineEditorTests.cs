using CsCheck;
using StratoVirt.Shell.Editing;

namespace StratoVirt.Shell.Tests.Editing;

public sealed class LineEditorTests
{
    private static readonly ConsoleKeyInfo[] AnyKey =
    [
        .. Keys.Type("abc xyz"), Keys.Plain(ConsoleKey.LeftArrow), Keys.Plain(ConsoleKey.RightArrow),
        Keys.Plain(ConsoleKey.Home), Keys.Plain(ConsoleKey.End), Keys.Plain(ConsoleKey.Backspace),
        Keys.Plain(ConsoleKey.Delete), Keys.Plain(ConsoleKey.UpArrow), Keys.Plain(ConsoleKey.DownArrow),
        Keys.Control(ConsoleKey.K), Keys.Control(ConsoleKey.U), Keys.Control(ConsoleKey.W), Keys.Control(ConsoleKey.Y),
        Keys.Control(ConsoleKey.LeftArrow), Keys.Control(ConsoleKey.RightArrow),
    ];

    [Fact]
    public void ReturnsWhatWasTyped() =>
        Assert.Equal(new EditResult(EditKind.Accepted, "hello"), Edit([.. Keys.Type("hello"), Keys.Enter]).Result);

    [Fact]
    public void TheKeysOfEmacsMoveAndCut()
    {
        var (result, _) = Edit([
            .. Keys.Type("world"), Keys.Control(ConsoleKey.A), .. Keys.Type("hello "), Keys.Control(ConsoleKey.E),
            .. Keys.Type("!"), Keys.Control(ConsoleKey.W), Keys.Control(ConsoleKey.U), Keys.Control(ConsoleKey.Y),
            Keys.Control(ConsoleKey.A), Keys.Control(ConsoleKey.D), Keys.Enter,
        ]);
        Assert.Equal("ello ", result.Text);
    }

    [Fact]
    public void ControlCCancelsAndSaysSo()
    {
        var (result, screen) = Edit([.. Keys.Type("half"), Keys.Control(ConsoleKey.C)]);
        Assert.Equal(EditKind.Cancelled, result.Kind);
        Assert.Equal("> half^C", screen.Text);
    }

    [Fact]
    public void ControlDEndsTheInputOnlyOnAnEmptyLine()
    {
        Assert.Equal(EditKind.EndOfInput, Edit([Keys.Control(ConsoleKey.D)]).Result.Kind);
        var deleting = Edit([.. Keys.Type("ab"), Keys.Plain(ConsoleKey.Home), Keys.Control(ConsoleKey.D), Keys.Enter]);
        Assert.Equal("b", deleting.Result.Text);
    }

    [Fact]
    public void TheArrowsWalkTheHistoryAndComeBackToTheDraft()
    {
        var history = new LineHistory(null);
        history.Add("first");
        history.Add("second");
        var up = Keys.Plain(ConsoleKey.UpArrow);
        var down = Keys.Plain(ConsoleKey.DownArrow);
        Assert.Equal("first", Edit([up, up, up, Keys.Enter], history).Result.Text);
        Assert.Equal("second", Edit([up, up, down, Keys.Enter], history).Result.Text);
        Assert.Equal("draft", Edit([.. Keys.Type("draft"), up, up, down, down, down, Keys.Enter], history).Result.Text);
    }

    [Fact]
    public void TabTakesTheOnlyCompletion() =>
        Assert.Equal("Get-StratoVm", Edit([.. Keys.Type("get-s"), Keys.Tab, Keys.Enter], null, Complete).Result.Text);

    [Fact]
    public void TabExtendsToWhatAllShareAndTheSecondListsThem()
    {
        var (result, screen) = Edit([.. Keys.Type("s"), Keys.Tab, Keys.Tab, Keys.Enter], null, Complete);
        Assert.Equal("St", result.Text);
        Assert.Equal("> St\nStart-StratoVm\nStop-StratoVm\n> St", screen.Text);
    }

    [Fact]
    public void ALineLongerThanTheRowWrapsAndIsRedrawnInPlace()
    {
        var (_, screen) = Edit([
            .. Keys.Type("abcdefghijklmnopqrstuvwxyz0123"), Keys.Plain(ConsoleKey.Home), .. Keys.Type("_"), Keys.Enter,
        ]);
        Assert.Equal("> _abcdefghijklmnopq\nrstuvwxyz0123", screen.Text);
    }

    [Fact]
    public void AFullRowPutsTheCursorOnTheNext()
    {
        var screen = new Screen(10, [.. Keys.Type("12345678")]);
        var view = new LineView(screen, "> ");
        view.Draw("12345678", 8);
        Assert.Equal((1, 0), (screen.Row, screen.Column));
        view.Draw("12345678", 7);
        Assert.Equal((0, 9), (screen.Row, screen.Column));
        Assert.Equal("> 12345678", screen.Text);
    }

    /// <summary>Whatever is typed, the screen shows the prompt and the line, and the result is that line.</summary>
    [Fact]
    public void TheScreenShowsTheLine() =>
        Gen.Select(Gen.Int[0, AnyKey.Length - 1].List[0, 80], Gen.Int[4, 30]).Sample((picks, width) =>
        {
            var history = new LineHistory(null);
            history.Add("one two three four five six");
            var screen = new Screen(width, [.. picks.Select(pick => AnyKey[pick]), Keys.Enter]);
            var result = new LineEditor(screen, history).ReadLine("> ");
            string shown = string.Join('\n', ("> " + result.Text).Chunk(width).Select(row => new string(row).TrimEnd()));
            Assert.Equal(shown.TrimEnd('\n'), screen.Text);
        });

    private static CompletionSet Complete(string text, int cursor)
    {
        string[] names = ["Get-StratoVm", "Start-StratoVm", "Stop-StratoVm"];
        return new CompletionSet(0, cursor, [.. names
            .Where(name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionChoice(name, name))]);
    }

    private static (EditResult Result, Screen Screen) Edit(ConsoleKeyInfo[] keys, LineHistory? history = null,
        Func<string, int, CompletionSet>? complete = null)
    {
        var screen = new Screen(20, keys);
        return (new LineEditor(screen, history, complete).ReadLine("> "), screen);
    }
}
