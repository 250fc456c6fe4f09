using System.Text.RegularExpressions;

namespace StratoVirt.Architecture.Tests;

public sealed partial class LayerTests
{
    [Fact]
    public void EveryProjectOfTheProductIsInTheTable() =>
        Rule.Holds(Repository.Projects.Where(project => !project.IsTest)
            .Select(project => Layers.Short(project.Name)).Except(Layers.Projects.Keys));

    [Fact]
    public void ProjectsReferOnlyDownwards() => Rule.Holds(
        from project in Repository.Projects
        where !project.IsTest
        from reference in project.References
        where !Layers.Projects[Layers.Short(project.Name)].Contains(Layers.Short(reference))
        select $"{project.Path} refers to {reference}");

    /// <summary>The compiler lets a project use what its references refer to; the layers do not.</summary>
    [Fact]
    public void SourcesNameOnlyTheLayersTheyMayKnow() => Rule.Holds(
        from project in Repository.Projects
        where !project.IsTest
        let own = Layers.Short(project.Name)
        from path in project.Sources
        from Match name in LayerName().Matches(CSharpText.WithoutCommentsAndStrings(Repository.Read(path)))
        let layer = LayerOf(name.Groups["name"].Value)
        where layer != own && layer is not null && !Layers.Projects[own].Contains(layer)
        select $"{path} names StratoVirt.{layer}");

    [Fact]
    public void TestsReferToOtherTestsOnlyForTheGuestsHalf() => Rule.Holds(
        from project in Repository.Projects
        where project.IsTest
        from reference in project.References
        where Repository.Projects.Any(other => other.IsTest && other.Name == reference)
            && reference != "StratoVirt.Testing"
        select $"{project.Path} refers to {reference}");

    [Fact]
    public void PackagesStayInTheirProjects() => Rule.Holds(
        from project in Repository.Projects
        from package in project.Packages
        let known = Layers.Packages.ContainsKey(package)
        where !known || (project.IsTest
            ? package == "PowerShellStandard.Library"
            : !Layers.Packages[package].Contains(Layers.Short(project.Name)))
        select known ? $"{project.Path} may not use {package}" : $"{project.Path} uses {package}, which no rule allows");

    private static string? LayerOf(string name) => Layers.Projects.Keys
        .Where(layer => name == layer || name.StartsWith(layer + ".", StringComparison.Ordinal))
        .MaxBy(layer => layer.Length);

    [GeneratedRegex(@"\bStratoVirt\.(?<name>[A-Z]\w*(\.[A-Z]\w*)*)", RegexOptions.ExplicitCapture)]
    private static partial Regex LayerName();
}
