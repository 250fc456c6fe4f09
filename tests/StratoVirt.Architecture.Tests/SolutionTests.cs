using System.Xml.Linq;

namespace StratoVirt.Architecture.Tests;

public sealed class SolutionTests
{
    [Fact]
    public void TheSolutionListsEveryProject()
    {
        var listed = XDocument.Parse(Repository.Read("StratoVirt.slnx")).Descendants("Project")
            .Select(project => project.Attribute("Path")!.Value);
        Assert.Equal(Repository.Projects.Select(project => project.Path).Order(StringComparer.Ordinal),
            listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ProjectsAreNamedAsTheirFolders() => Rule.Holds(
        Repository.Projects.Where(project => Path.GetFileName(project.Folder) != project.Name).Select(project => project.Path));

    [Fact]
    public void TheModuleAndTheAssembliesHaveOneVersion()
    {
        string build = XDocument.Parse(Repository.Read("Directory.Build.props")).Descendants("Version").Single().Value;
        Assert.Contains($"ModuleVersion          = '{build}'", Repository.Read("StratoVirt.psd1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("strato")]
    [InlineData(".ci/run")]
    public void ProgramsAreExecutable(string path) =>
        Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, path)).HasFlag(UnixFileMode.UserExecute));
}
