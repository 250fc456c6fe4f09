using System.Management.Automation.Language;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Module;

/// <summary>The examples are used here, so that none of them is decoration.</summary>
public sealed class ExampleTests : IDisposable
{
    private static readonly string Examples = Path.Combine(ModuleSession.ModuleDirectory, "examples");

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    public static TheoryData<string> Definitions => [.. Directory.GetFiles(Examples, "*.yaml").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Definitions))]
    public void A_definition_imports_without_a_warning(string file)
    {
        ScriptResult result = _session.Run($"Import-StratoVm -LiteralPath '{Examples}/{file}'");
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), Assert.Single(result.Output).ToString());
    }

    [Fact]
    public void The_hello_example_runs() =>
        _session.Get($"Import-StratoVm '{Examples}/hello.yaml' | Start-StratoVm; Wait-StratoVm hello -ConsoleText 'cpus +2 ' -TimeoutSeconds 30");

    [Fact]
    public void The_definitions_in_the_topic_are_definitions()
    {
        string topic = File.ReadAllText(Path.Combine(ModuleSession.ModuleDirectory, "en-US", "about_StratoVirt_Definitions.help.txt"));
        string[] documents = topic.Split("        apiVersion:")[1..];
        Assert.Equal(2, documents.Length);
        foreach (string document in documents)
        {
            IEnumerable<string> lines = ("        apiVersion:" + document).Split('\n').TakeWhile(line => line.StartsWith("        ", StringComparison.Ordinal));
            _session.Write("topic.yaml", string.Join('\n', lines.Select(line => line[8..])) + "\n");
            _session.Get("Import-StratoVm topic.yaml -Force");
        }
    }

    [Fact]
    public void The_devices_example_shows_devices()
    {
        _session.Get($"& '{Examples}/devices.ps1'");
        Assert.All(
            ["root", "uplink", "source"],
            name => Assert.Contains(_session.Host.Screen.Text.Split('\n'), line => line.Contains(name, StringComparison.Ordinal)));
        Assert.Empty(_session.Get("Get-StratoVm"));
    }

    [Theory]
    [InlineData("quickstart.ps1")]
    [InlineData("devices.ps1")]
    public void Scripts_use_only_what_the_minimal_host_has(string file)
    {
        var script = Parser.ParseFile(Path.Combine(Examples, file), out _, out ParseError[] errors);
        Assert.Empty(errors);
        string[] own = [.. script.FindAll(node => node is FunctionDefinitionAst, true).Select(function => ((FunctionDefinitionAst)function).Name)];
        string[] used = [.. script.FindAll(node => node is CommandAst, true).Select(command => ((CommandAst)command).GetCommandName()).OfType<string>().Distinct()];
        string[] missing = _session.Get<string[]>($", @('{string.Join("', '", used.Except(own))}' | Where-Object {{ -not (Get-Command $_ -ErrorAction Ignore) }})");
        Assert.Empty(missing);
    }
}
