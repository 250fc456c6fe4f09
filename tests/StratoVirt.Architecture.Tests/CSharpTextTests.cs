namespace StratoVirt.Architecture.Tests;

/// <summary>The rules see code only through this; were it to blank too much, they would pass on anything.</summary>
public sealed class CSharpTextTests
{
    [Theory]
    [InlineData("unsafe", "unsafe")]
    [InlineData("a // unsafe\nb", "a          \nb")]
    [InlineData("a /* un\nsafe */ b", "a      \n        b")]
    [InlineData("\"unsafe\" x", "         x")]
    [InlineData("@\"a\"\"b\" x", "        x")]
    [InlineData("\"\\\"unsafe\" x", "           x")]
    [InlineData("\"\" x", "   x")]
    [InlineData("'\"' x '\\'' y", "    x      y")]
    [InlineData("$\"a{b}c\" x", "   {b}   x")]
    [InlineData("$\"a{b[\"c\"]}d\" x", "   {b[   ]}   x")]
    [InlineData("$\"{{a\" x", "       x")]
    [InlineData("\"\"\"a \" b\"\"\" x", "            x")]
    [InlineData("$$\"\"\"a{b}{{c}}\"\"\" x", "         {{c}}    x")]
    public void BlanksCommentsAndLiteralsOnly(string source, string expected) =>
        Assert.Equal(expected, CSharpText.WithoutCommentsAndStrings(source));

    [Fact]
    public void KeepsTheLengthAndTheLinesOfEverySource()
    {
        foreach (string path in Repository.Files("src", ".cs"))
        {
            string source = Repository.Read(path);
            string code = CSharpText.WithoutCommentsAndStrings(source);
            Assert.Equal(source.Length, code.Length);
            Assert.Equal(source.Count(c => c == '\n'), code.Count(c => c == '\n'));
            Assert.Equal(code.Count(c => c == '{'), code.Count(c => c == '}'));
        }
    }
}
