using StratoVirt.Shell.Editing;
using StratoVirt.Shell.Running;

namespace StratoVirt.Shell.Tests.Running;

public sealed class StatementReaderTests
{
    [Theory]
    [InlineData("1+1\n2", "1+1")]
    [InlineData("if (1) {\n'a'\n}\nrest", "if (1) {\n'a'\n}")]
    [InlineData("'a \nb'\nc", "'a \nb'")]
    [InlineData("1 |\n2", "1 |\n2")]
    [InlineData("if (1) {", "if (1) {\n")]
    public void LinesAreReadUntilTheStatementIsComplete(string typed, string expected) =>
        Assert.Equal(new EditResult(EditKind.Accepted, expected), Read(typed));

    [Fact]
    public void TheEndOfTheInputIsPassedOn() => Assert.Equal(EditKind.EndOfInput, Read(null).Kind);

    private static EditResult Read(string? typed)
    {
        var lines = new Queue<string>(typed?.Split('\n') ?? []);
        return StatementReader.Read(_ => lines.TryDequeue(out string? line)
            ? new EditResult(EditKind.Accepted, line)
            : new EditResult(EditKind.EndOfInput, ""));
    }
}
