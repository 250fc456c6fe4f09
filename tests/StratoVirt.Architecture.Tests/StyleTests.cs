using System.Text.RegularExpressions;

namespace StratoVirt.Architecture.Tests;

public sealed partial class StyleTests
{
    private const int MaxLines = 400;

    /// <summary>Longer files, each with the reason why it is one idea all the same.</summary>
    private static readonly Dictionary<string, string> LongFiles = [];

    private static IEnumerable<string> AllSources => Repository.Files("", ".cs", ".ps1", ".psm1", ".sh");

    [Fact]
    public void FilesHoldOneIdea() => Rule.Holds(
        from path in AllSources
        where !LongFiles.ContainsKey(path)
        let lines = Repository.Read(path).Count(c => c == '\n')
        where lines > MaxLines
        select $"{path}: {lines} lines");

    [Fact]
    public void TheListOfLongFilesIsTrue() => Rule.Holds(
        from path in LongFiles.Keys
        where !AllSources.Contains(path) || Repository.Read(path).Count(c => c == '\n') <= MaxLines
        select path);

    [Fact]
    public void NamesSayWhatIsInside() => Rule.Holds(
        from path in AllSources
        from part in path.Split('/')
        where EmptyName().IsMatch(Path.GetFileNameWithoutExtension(part))
        select path);

    [Fact]
    public void KernelTypesStayInside() => Rule.Holds(
        from path in Repository.Files("src", ".cs")
        where path.Contains("/Abi/", StringComparison.Ordinal)
        from Match type in PublicType().Matches(CSharpText.WithoutCommentsAndStrings(Repository.Read(path)))
        select $"{path}: {type.Value}");

    [Fact]
    public void KernelSpellingStaysInAbi() => Rule.Holds(
        from path in Repository.Files("src", ".cs")
        where !path.Contains("/Abi/", StringComparison.Ordinal)
        from Match type in KernelSpelledType().Matches(CSharpText.WithoutCommentsAndStrings(Repository.Read(path)))
        select $"{path}: {type.Value}");

    /// <summary>Cmdlets speak to the host they run in, never to the terminal of the process.</summary>
    [Fact]
    public void CmdletsDoNotTouchTheConsole() => Rule.Holds(
        from path in Repository.Files("src/StratoVirt.PowerShell", ".cs")
        from Match use in ConsoleUse().Matches(CSharpText.WithoutCommentsAndStrings(Repository.Read(path)))
        select $"{path}: {use.Value}");

    [Fact]
    public void NoCodeIsLeftForLater() => Rule.Holds(
        from path in AllSources
        where path != "tests/StratoVirt.Architecture.Tests/StyleTests.cs"
        where LeftForLater().IsMatch(Repository.Read(path))
        select path);

    [GeneratedRegex("(Utils?|Utilit(y|ies)|Helpers?|Common|Managers?|Misc)$")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"\bpublic\b[\w\s]*\b(class|struct|enum|interface|delegate)\s+\w+")]
    private static partial Regex PublicType();

    [GeneratedRegex(@"\b(class|struct|enum|interface)\s+[a-z]\w*")]
    private static partial Regex KernelSpelledType();

    [GeneratedRegex(@"(?<![.\w])(System\.)?Console\s*\.\s*(Write|WriteLine|Out|Error|In|Read|ReadKey|ReadLine|Title|Clear|Open\w+|Set\w+|CancelKeyPress|CursorVisible)\b")]
    private static partial Regex ConsoleUse();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex LeftForLater();
}
