using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Tests.Validation;

public sealed class VmNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("7")]
    [InlineData("Web-1.example_org")]
    public void Allowed(string name) => Assert.Null(VmName.FindFault(name));

    [Theory]
    [InlineData("", "empty")]
    [InlineData(".hidden", "begins with '.'")]
    [InlineData("-x", "begins with '-'")]
    [InlineData("a..b", "'..'")]
    [InlineData("..", "begins with '.'")]
    [InlineData("a/b", "'/'")]
    [InlineData("a\0b", "\\u{0}")]
    [InlineData("a\u001b[2J", "\\u{1B}")]
    [InlineData("a*", "'*'")]
    [InlineData("é", "'é'")]
    public void Refused(string name, string reason)
    {
        Assert.False(VmName.IsValid(name));
        Assert.Contains(reason, VmName.FindFault(name));
    }
}
