using System.Management.Automation;
using System.Xml.Linq;
using StratoVirt.PowerShell.Tests.Hosting;

namespace StratoVirt.PowerShell.Tests.Module;

/// <summary>Help and cmdlets, compared both ways: what there is is described, and nothing else.</summary>
public sealed class HelpTests : IDisposable
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace MamlText = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Help_describes_exactly_the_cmdlets()
    {
        string[] described = [.. Document().Descendants(Command + "details").Select(details => details.Element(Command + "name")!.Value)];
        Assert.Equal(Cmdlets().Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Help_describes_exactly_the_parameters()
    {
        foreach (XElement command in Document().Elements())
        {
            string name = command.Descendants(Command + "name").First().Value;
            string[] built = _session.Get<string[]>($$"""
                $common = [System.Management.Automation.PSCmdlet]::CommonParameters
                , @((Get-Command {{name}}).Parameters.Keys | Where-Object { $_ -notin $common })
                """);
            string[] described = [.. command.Element(Command + "parameters")!.Elements().Select(parameter => parameter.Element(MamlText + "name")!.Value)];
            Assert.True(built.Order(StringComparer.Ordinal).SequenceEqual(described.Order(StringComparer.Ordinal)), $"{name}: {string.Join(' ', built)} / {string.Join(' ', described)}");
            Assert.All(
                command.Element(Command + "parameters")!.Elements(),
                parameter => Assert.NotEqual(string.Empty, parameter.Element(MamlText + "description")!.Value.Trim()));
        }
    }

    [Fact]
    public void Help_shows_each_parameter_set_as_it_is()
    {
        foreach (XElement command in Document().Elements())
        {
            string name = command.Descendants(Command + "name").First().Value;
            string[] built = _session.Get<string[]>($$"""
                $common = [System.Management.Automation.PSCmdlet]::CommonParameters
                , @((Get-Command {{name}}).ParameterSets | ForEach-Object { ($_.Parameters | Where-Object { $_.Name -notin $common } |
                    ForEach-Object { "$($_.Name):$($_.IsMandatory):$(if ($_.Position -lt 0) { 'named' } else { $_.Position })" }) -join ' ' })
                """);
            string[] described = [.. command.Element(Command + "syntax")!.Elements().Select(item => string.Join(' ', item.Elements(Command + "parameter").Select(parameter =>
                $"{parameter.Element(MamlText + "name")!.Value}:{(parameter.Attribute("required")!.Value == "true" ? "True" : "False")}:{parameter.Attribute("position")!.Value}")))];
            Assert.Equal(built.Select(Sorted).Order(StringComparer.Ordinal), described.Select(Sorted).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Help_says_what_holds_when_a_parameter_is_not_given()
    {
        foreach (XElement command in Document().Elements())
        {
            string name = command.Descendants(Command + "name").First().Value;
            foreach (XElement parameter in command.Element(Command + "parameters")!.Elements())
            {
                string described = parameter.Element(Dev + "defaultValue")!.Value;
                string built = _session.Get<string>($$"""
                    $cmdlet = (Get-Command {{name}}).ImplementingType
                    $property = $cmdlet.GetProperty('{{parameter.Element(MamlText + "name")!.Value}}')
                    $value = if ($property) { $property.GetValue([Activator]::CreateInstance($cmdlet)) }
                    # What is not a value of its own kind's (0, '', none) is a default.
                    if ($property.PropertyType.IsEnum -or $value) { "$value" }
                    elseif ($property.PropertyType -eq [switch] -or -not $property) { 'False' } else { 'None' }
                    """);
                Assert.Equal(built, ulong.TryParse(built, out _) ? _session.Get<string>($"[string] ({described})") : described);
            }
        }
    }

    [Fact]
    public void PowerShell_finds_the_help()
    {
        foreach (string cmdlet in Cmdlets())
        {
            PSObject help = Assert.Single(_session.Get($"Get-Help {cmdlet}"));
            Assert.NotEqual(string.Empty, LanguagePrimitives.ConvertTo<string>(help.Properties["Synopsis"].Value).Trim());
            Assert.True(_session.Get<int>($"@((Get-Help {cmdlet} -Full).examples.example).Count") > 0, cmdlet);
        }
    }

    [Theory]
    [InlineData("about_StratoVirt")]
    [InlineData("about_StratoVirt_Definitions")]
    [InlineData("about_StratoVirt_Devices")]
    [InlineData("about_StratoVirt_Fleet")]
    public void Topics_can_be_read(string topic)
    {
        string text = File.ReadAllText(Path.Combine(ModuleSession.ModuleDirectory, "en-US", topic + ".help.txt"));
        Assert.StartsWith("TOPIC\n    " + topic + "\n", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public void Examples_in_help_use_cmdlets_and_parameters_there_are()
    {
        foreach (XElement code in Document().Descendants(Dev + "code"))
        {
            foreach (PSObject wrong in _session.Get($$"""
                $tokens = $problems = $null
                $ast = [System.Management.Automation.Language.Parser]::ParseInput(@'
                {{code.Value}}
                '@, [ref] $tokens, [ref] $problems)
                $problems
                $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) | ForEach-Object {
                    $command = Get-Command $_.GetCommandName() -Module StratoVirt -ErrorAction Ignore
                    if ($_.GetCommandName() -like '*-Strato*' -and -not $command) { "no cmdlet $($_.GetCommandName())" }
                    if ($command) {
                        $_.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } |
                            Where-Object { $_.ParameterName -notin $command.Parameters.Keys } | ForEach-Object { "$command has no -$($_.ParameterName)" }
                    }
                }
                """))
            {
                Assert.Fail($"{code.Value}: {wrong}");
            }
        }
    }

    private static XElement Document() =>
        XDocument.Load(Path.Combine(ModuleSession.ModuleDirectory, "en-US", "StratoVirt.PowerShell.dll-Help.xml")).Root!;

    private static string Sorted(string words) => string.Join(' ', words.Split(' ').Order(StringComparer.Ordinal));

    private string[] Cmdlets() => _session.Get<string[]>(", @((Get-Command -Module StratoVirt).Name)");
}
