using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using StratoVirt.Definitions.Documents;
using StratoVirt.Definitions.Schema;
using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Tests.Schema;

public sealed class DefinitionSchemaTests
{
    [Fact]
    public void TheCommittedFileIsWhatIsGenerated()
    {
        string committed = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, DefinitionSchema.FileName));

        Assert.True(
            committed == Generate(),
            $"src/StratoVirt.Definitions/Schema/{DefinitionSchema.FileName} is out of date. It has to be:\n{Generate()}");
    }

    [Fact]
    public void EveryKeyIsDescribed() => Assert.Equal(
        DefinitionShape.AllKeys().Select(k => k.Path).Order(StringComparer.Ordinal),
        KeyFacts.ByPath.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void BoundsPatternsAndDefaultsAreThere()
    {
        JsonNode spec = JsonNode.Parse(Generate())!["properties"]!["spec"]!;

        Assert.Equal((1, 254, 1), ((int)spec["properties"]!["cpus"]!["minimum"]!, (int)spec["properties"]!["cpus"]!["maximum"]!, (int)spec["properties"]!["cpus"]!["default"]!));
        Assert.Equal("256MiB", (string?)spec["properties"]!["memory"]!["default"]);
        Assert.False((bool)spec["additionalProperties"]!);
        Assert.Equal(["boot"], spec["required"]!.AsArray().Select(n => (string?)n));
    }

    [Fact]
    public void TheNamePatternIsTheNameRule()
    {
        var pattern = new Regex(VmName.Pattern, RegexOptions.ECMAScript);
        Gen.String[Gen.Char["aZ0._-/ \t\u00e9"], 0, 66].Sample(name => pattern.IsMatch(name) == VmName.IsValid(name) || name.EndsWith('\n'));
        Assert.Matches(pattern, new string('a', 63));
        Assert.DoesNotMatch(pattern, new string('a', 64));
    }

    [Fact]
    public void TheSizePatternAdmitsOnlySizes()
    {
        string pattern = (string)JsonNode.Parse(Generate())!["properties"]!["spec"]!["properties"]!["memory"]!["pattern"]!;
        Gen.String[Gen.Char["0123456789KMGTkiB ."], 0, 8].Sample(text => !Regex.IsMatch(text, pattern) || ByteSize.TryParse(text, out _));
        Assert.Matches(pattern, "512MiB");
    }

    private static string Generate()
    {
        using var stream = new MemoryStream();
        DefinitionSchema.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
