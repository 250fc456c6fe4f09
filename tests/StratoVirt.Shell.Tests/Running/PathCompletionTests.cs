using StratoVirt.Shell.Running;

namespace StratoVirt.Shell.Tests.Running;

public sealed class PathCompletionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stratovirt-paths");

    public PathCompletionTests()
    {
        _folder.CreateSubdirectory("alpha");
        File.WriteAllText(Path.Combine(_folder.FullName, "alpha", "one.ps1"), "");
        File.WriteAllText(Path.Combine(_folder.FullName, "al pine"), "");
        File.WriteAllText(Path.Combine(_folder.FullName, ".hidden"), "");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("./al", "./alpha/|'./al pine'")]
    [InlineData("cat alpha/", "alpha/one.ps1")]
    [InlineData("cat alpha/o", "alpha/one.ps1")]
    [InlineData("& './al p", "")]
    [InlineData("cat .h", ".hidden")]
    [InlineData("cat nothing/x", "")]
    public void CompletesTheWordAtTheCursor(string text, string expected)
    {
        var found = PathCompletion.Complete(text, text.Length, _folder.FullName).Choices.Select(choice => choice.Text);
        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AnOpenQuoteIsReplacedWithTheWord()
    {
        var set = PathCompletion.Complete("cat 'al", 7, _folder.FullName);
        Assert.Equal((4, 3), (set.Start, set.Length));
    }

    [Fact]
    public void HiddenFilesNeedTheirDot() =>
        Assert.DoesNotContain(PathCompletion.Complete("cat ", 4, _folder.FullName).Choices, choice => choice.Text == ".hidden");
}
