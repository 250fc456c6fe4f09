using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Tests.Diagnostics;

public sealed class NearestWordTests
{
    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("cpsu", "cpus", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("BOOT", "boot", 0)]
    public void Distances(string left, string right, int distance)
    {
        Assert.Equal(distance, NearestWord.Distance(left, right));
        Assert.Equal(distance, NearestWord.Distance(right, left));
    }

    [Fact]
    public void FarWordsAreNotSuggested() => Assert.Null(NearestWord.Find("network", ["cpus", "memory", "boot"]));

    [Fact]
    public void LongWordsCostNothing() => Assert.Null(NearestWord.Find(new string('x', 1 << 20), ["cpus"]));
}
