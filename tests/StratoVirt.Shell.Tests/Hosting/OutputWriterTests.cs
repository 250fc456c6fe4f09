using StratoVirt.Shell.Hosting;

namespace StratoVirt.Shell.Tests.Hosting;

public sealed class OutputWriterTests
{
    [Fact]
    public void ColoursGoOnlyToTerminals()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var writer = new OutputWriter(output, error, decorateOutput: false, decorateError: true);
        writer.WriteLine("\e[31mred\e[0m");
        writer.WriteErrorLine("\e[31mred\e[0m");
        Assert.Equal("red\n", output.ToString());
        Assert.Equal("\e[31mred\e[0m\n", error.ToString());
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("", 0)]
    [InlineData("漢字", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("😀", 2)]
    public void CharactersTakeTheirCells(string text, int cells) => Assert.Equal(cells, CellWidth.Of(text));

    [Theory]
    [InlineData("abc", 2, "ab")]
    [InlineData("漢字", 3, "漢")]
    [InlineData("abc", 9, "abc")]
    public void TextIsCutToCells(string text, int cells, string expected) =>
        Assert.Equal(expected, CellWidth.Fit(text, cells));
}
