using CsCheck;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Yaml;

namespace StratoVirt.Definitions.Tests.Yaml;

public sealed class SeveralDocumentsTests
{
    private const string One = "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: one\nspec:\n  boot: {builtIn: true}\n";

    [Fact]
    public void EachDocumentOfAFileIsRead() => Definitions.Any.Array[1, 4].Sample(definitions =>
        YamlDefinitionReader.ReadAll(string.Join("---\n", definitions.Select(YamlDefinitionWriter.Write)), null)
            .Select(document => document.Definition).SequenceEqual(definitions));

    [Fact]
    public void EachHasItsLineAndEmptyOnesArePassedOver()
    {
        string text = "---\n# nothing\n---\n" + One + "...\n---\n\n" + One.Replace("one", "two", StringComparison.Ordinal) + "---\n";
        IReadOnlyList<(VmDefinition Definition, int Line)> all = YamlDefinitionReader.ReadAll(text, null);
        Assert.Equal([("one", 4), ("two", 13)], all.Select(document => (document.Definition.Metadata.Name, document.Line)));
    }

    [Fact]
    public void WhatIsWrongWithEachIsInOneError()
    {
        string bad = One.Replace("builtIn", "builtin", StringComparison.Ordinal);
        DefinitionException fault = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.ReadAll(bad + "---\n" + One + "---\n" + bad, "fleet.yaml"));
        Assert.Equal([6, 20], fault.Diagnostics.Where(found => found.Id == DiagnosticId.UnknownKey).Select(found => found.Line!.Value));
        Assert.StartsWith("fleet.yaml(6,10): ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("---\n---\n# nothing\n")]
    public void AFileOfNothingIsRefused(string text) =>
        Assert.Equal(DiagnosticId.EmptyDocument, Assert.Throws<DefinitionException>(() => YamlDefinitionReader.ReadAll(text, null)).Id);

    [Fact]
    public void ASyntaxErrorSaysWhere() =>
        Assert.Equal(9, Assert.Throws<DefinitionException>(() => YamlDefinitionReader.ReadAll(One + "---\na: b\n  c: d\n", null)).Diagnostics[0].Line);
}
