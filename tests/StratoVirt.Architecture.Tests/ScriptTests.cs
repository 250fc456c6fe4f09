using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace StratoVirt.Architecture.Tests;

/// <summary>Scripts run in the minimal host as in pwsh, so they use the commands both have: those of
/// Microsoft.PowerShell.Core, ours, their own functions, and programs.</summary>
public sealed class ScriptTests
{
    private static readonly InitialSessionState State = InitialSessionState.CreateDefault2();

    private static readonly HashSet<string> CoreCommands = new(
        State.Commands.Where(command => command.CommandType is CommandTypes.Cmdlet or CommandTypes.Function)
            .Select(command => command.Name), StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, string> Aliases = State.Commands.OfType<SessionStateAliasEntry>()
        .ToDictionary(alias => alias.Name, alias => alias.Definition, StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> ApprovedVerbs = new(
        new[]
        {
            typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic),
            typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity),
        }.SelectMany(type => type.GetFields()).Select(field => (string)field.GetValue(null)!),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Pester needs the full PowerShell, so its files may use all of it; what starts them may not.</summary>
    private static IEnumerable<string> Scripts => Repository.Files("", ".ps1", ".psm1")
        .Where(path => !path.StartsWith("tests/Pester/", StringComparison.Ordinal) || path == "tests/Pester/Run.ps1");

    [Fact]
    public void ThereAreScripts() => Assert.Contains("build.ps1", Scripts);

    [Fact]
    public void ScriptsParse() => Rule.Holds(
        from path in Repository.Files("", ".ps1", ".psm1", ".psd1")
        from error in ErrorsOf(path)
        select $"{path}:{error.Extent.StartLineNumber}: {error.Message}");

    [Fact]
    public void ScriptsUseOnlyCommandsThatBothHostsHave()
    {
        var own = new HashSet<string>(Scripts.SelectMany(DefinedIn).Concat(Exported()), StringComparer.OrdinalIgnoreCase);
        Rule.Holds(
            from path in Scripts
            from command in Parse(path).FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>()
            let name = command.GetCommandName()
            where name is not null && !IsAllowed(name, own)
            select $"{path}:{command.Extent.StartLineNumber}: {name}");
    }

    [Fact]
    public void FunctionsNamedAsCmdletsUseApprovedVerbs() => Rule.Holds(
        from path in Scripts
        from name in DefinedIn(path)
        let dash = name.IndexOf('-', StringComparison.Ordinal)
        where dash >= 0 && !ApprovedVerbs.Contains(name[..dash])
        select $"{path}: {name}");

    private static bool IsAllowed(string name, HashSet<string> own)
    {
        string command = Aliases.GetValueOrDefault(name, name);
        if (own.Contains(name) || CoreCommands.Contains(command))
            return true;
        // A name that is neither an alias nor of a cmdlet's form is a program's.
        return command == name && (name.Contains('/', StringComparison.Ordinal) || !IsCmdletName(name));
    }

    private static bool IsCmdletName(string name)
    {
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && char.IsUpper(name[0]) && dash + 1 < name.Length && char.IsUpper(name[dash + 1]);
    }

    private static IEnumerable<string> DefinedIn(string path) =>
        Parse(path).FindAll(node => node is FunctionDefinitionAst, searchNestedScriptBlocks: true)
            .Cast<FunctionDefinitionAst>().Select(function => function.Name);

    private static IEnumerable<string> Exported()
    {
        var manifest = (HashtableAst)Parse("StratoVirt.psd1").Find(node => node is HashtableAst, false);
        var cmdlets = manifest.KeyValuePairs.Single(pair => pair.Item1.Extent.Text == "CmdletsToExport").Item2;
        return cmdlets.FindAll(node => node is StringConstantExpressionAst, true)
            .Cast<StringConstantExpressionAst>().Select(text => text.Value);
    }

    private static ScriptBlockAst Parse(string path) =>
        Parser.ParseFile(Path.Combine(Repository.Root, path), out _, out _);

    private static ParseError[] ErrorsOf(string path)
    {
        Parser.ParseFile(Path.Combine(Repository.Root, path), out _, out var errors);
        return errors;
    }
}
