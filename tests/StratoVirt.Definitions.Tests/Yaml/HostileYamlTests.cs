using System.Text;
using CsCheck;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Yaml;

namespace StratoVirt.Definitions.Tests.Yaml;

/// <summary>Whatever the text, reading it ends with a definition or a <see cref="DefinitionException"/>.</summary>
public sealed class HostileYamlTests
{
    private static readonly Gen<string> Tokens = Gen.OneOf(
        "a", "name", "spec", "metadata", ":", ": ", "\n", "\n  ", "\n\t", "- ", "[", "]", "{", "}", ",", "'", "\"", "|\n", ">-\n", "#", "&x ", "*x", "!!str ",
        "? ", "---\n", "...\n", "%YAML 1.2\n", "<<", "\\u", "\\uD800", "\uD800", "\0", "\u0085", "\u2028", "512MiB", "0x", "1e9", "~", "\uFEFF", "\r");

    [Fact]
    public void RandomTokens() => Tokens.Array[0, 60].Select(string.Concat).Sample(text => ReadsOrSaysWhy(text), iter: 3000);

    [Fact]
    public void RandomBytes() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            YamlDefinitionReader.Read(bytes, "vm.yaml");
        }
        catch (DefinitionException thrown)
        {
            AssertPlaced(thrown);
        }
    });

    [Fact]
    public void MutatedDocuments() => Gen.Select(Definitions.Any, Gen.Int[0, 1 << 16], Tokens, Gen.Int[0, 6], Gen.Int[0, 1]).Sample((definition, at, token, cut, keep) =>
    {
        string yaml = YamlDefinitionWriter.Write(definition);
        int start = at % yaml.Length;
        int end = Math.Min(yaml.Length, start + cut);
        ReadsOrSaysWhy(yaml[..start] + (keep == 0 ? token : string.Empty) + yaml[end..]);
    });

    // Each repeated to the size allowed. Parsers take quadratic time on some of these; the bound on depth and the
    // stop at the first fault keep it from them. A hang here is a failure of the whole run.
    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("{a: [")]
    [InlineData("[a,")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("a:\n ")]
    [InlineData("a: b\n")]
    [InlineData("\"a\": \n")]
    [InlineData("- x\n")]
    [InlineData("-\n")]
    [InlineData("a\n")]
    [InlineData("\t")]
    [InlineData("---\n")]
    [InlineData("#")]
    [InlineData("'")]
    [InlineData("|\n")]
    [InlineData("%")]
    public void RepetitionIsBounded(string part)
    {
        int count = (1 << 20) / part.Length;
        ReadsOrSaysWhy(string.Concat(Enumerable.Repeat(part, count)));
        ReadsOrSaysWhy("apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: x\n  labels: "
            + string.Concat(Enumerable.Repeat(part, count - 100)));
    }

    [Fact]
    public void ManyKeysAreBounded()
    {
        var text = new StringBuilder("apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: x\n  labels:\n");
        for (int i = 0; text.Length < (1 << 20) - 100; i++)
        {
            text.Append("    k").Append(i).Append(": v\n");
        }

        DefinitionException thrown = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.Read(text + "spec: {boot: {builtIn: true}}\n", "vm.yaml"));

        Assert.Equal(DiagnosticId.InvalidLabel, Assert.Single(thrown.Diagnostics).Id);
    }

    private static void ReadsOrSaysWhy(string text)
    {
        try
        {
            YamlDefinitionReader.Read(text, "vm.yaml");
        }
        catch (DefinitionException thrown)
        {
            AssertPlaced(thrown);
        }
    }

    private static void AssertPlaced(DefinitionException thrown)
    {
        Assert.NotEmpty(thrown.Diagnostics);
        Assert.All(thrown.Diagnostics, d => Assert.True(d.Line >= 1 && d.Column >= 1, d.ToString()));
        Assert.DoesNotContain(thrown.Message, c => char.IsControl(c) && c != '\n');
    }
}
