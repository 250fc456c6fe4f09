using CsCheck;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Json;

namespace StratoVirt.Definitions.Tests.Json;

public sealed class DefinitionJsonTests
{
    private const string Head = """{"apiVersion":"stratovirt/v1","kind":"VirtualMachine","metadata":{"name":"web"},""";

    [Fact]
    public void WhatIsWrittenReadsBackTheSame() => Definitions.Any.Sample(
        definition => DefinitionJson.Deserialize(DefinitionJson.Serialize(definition)) == definition);

    [Fact]
    public void TheFormIsTheDocumentsForm() => Assert.Equal(
        """
        {
          "apiVersion": "stratovirt/v1",
          "kind": "VirtualMachine",
          "metadata": {
            "name": "web-1",
            "labels": {}
          },
          "spec": {
            "state": "present",
            "machine": "microvm",
            "cpus": 1,
            "memory": "256MiB",
            "acpi": true,
            "polling": 32,
            "boot": {
              "kernel": "/boot/vmlinuz",
              "builtIn": false
            },
            "console": {
              "history": "256KiB",
              "log": true,
              "logLimit": "16MiB"
            },
            "disks": [],
            "networks": [],
            "ports": [],
            "shares": [],
            "persistentMemory": [],
            "memoryDevices": [],
            "rateGroups": []
          }
        }
        """,
        DefinitionJson.Serialize(Definitions.Plain));

    [Fact]
    public void WhatIsLeftOutTakesItsDefault() => Assert.Equal(
        Definitions.Plain with { Metadata = new VmMetadata { Name = "web" } },
        DefinitionJson.Deserialize(Head + """ "spec":{"boot":{"kernel":"/boot/vmlinuz"}}}"""));

    [Fact]
    public void ADeviceThereIsOneOfHasTheNameOfItsKind() => Assert.Equal(
        ["rng", "balloon", "vsock"],
        DefinitionJson.Deserialize(Head + """ "spec":{"boot":{"builtIn":true},"entropy":{},"balloon":{},"vsock":{}}}""")
            .Spec.ListDevices().Select(device => device.Name));

    [Theory]
    [InlineData(""" "spec":{"boot":{"builtIn":true},"cpu":2}}""", "UnknownKey", 2, 34)]
    [InlineData(""" "spec":{"boot":{"builtIn":true},"cpus":1,"cpus":2}}""", "DuplicateKey", 2, 43)]
    [InlineData(""" "spec":{"boot":{"builtIn":true},"cpus":"2"}}""", "WrongType", 2, 41)]
    [InlineData(""" "spec":{"boot":{"builtIn":true},"machine":0}}""", "InvalidValue", 2, 44)]
    [InlineData(""" "spec":{"boot":{"builtIn":true},"cpus":null}}""", "WrongType", 2, 41)]
    [InlineData(""" "spec":{"boot":null}}""", "WrongType", 2, 17)]
    [InlineData(" \"spec\":\n{\"boot\":{\"builtIn\":true}, \"é\":1, \"cpus\":0}}", "UnknownKey", 3, 27)]
    [InlineData(""" "spec":{"boot":{"builtIn":true},}}""", "Syntax", 2, 34)]
    [InlineData(""" "spec":{"boot":{"kernel":"\ud800"}}}""", "Syntax", 2, 27)]
    [InlineData(""" "spec":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""", "TooDeep", 2, 24)]
    [InlineData(""" "spec":{"boot":{"builtIn":true}}} {}""", "Syntax", 2, 36)]
    public void FaultsAreNamedAndPlaced(string rest, string id, int line, int column)
    {
        DefinitionException thrown = Assert.Throws<DefinitionException>(() => DefinitionJson.Deserialize(Head + "\n" + rest, "vm.json"));

        Diagnostic first = thrown.Diagnostics[0];
        Assert.Equal((id, line, column), (first.Id.ToString(), first.Line, first.Column));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    public void NothingIsNoDefinition(string json) =>
        Assert.Equal(DiagnosticId.EmptyDocument, Assert.Throws<DefinitionException>(() => DefinitionJson.Deserialize(json)).Id);

    [Fact]
    public void AnInvalidDefinitionIsNotWritten()
    {
        VmDefinition invalid = Definitions.Plain with { Spec = Definitions.Plain.Spec with { Cpus = 0 } };

        DefinitionException thrown = Assert.Throws<DefinitionException>(() => DefinitionJson.Serialize(invalid));

        Assert.Equal(DiagnosticId.OutOfRange, thrown.Id);
        Assert.Equal("'spec.cpus' is 0; a machine has 1 to 254 vCPUs.", thrown.Message);
    }

    [Fact]
    public void AnyTextReadsOrSaysWhy() => Gen.OneOf("{", "}", "[", "]", ",", ":", "\"a\"", "\"spec\"", "1", "null", " ", "\n", "\"\\ud800\"", "\\", "\uD800", "\0")
        .Array[0, 40].Select(string.Concat).Sample(json =>
        {
            try
            {
                DefinitionJson.Deserialize(json);
            }
            catch (DefinitionException thrown)
            {
                Assert.NotEmpty(thrown.Diagnostics);
            }
        });

    [Fact]
    public void AMegabyteOnOneLineIsReadInLinearTime()
    {
        string labels = string.Join(',', Enumerable.Range(0, 70_000).Select(i => $"\"k{i}\":\"v\""));

        DefinitionException thrown = Assert.Throws<DefinitionException>(
            () => DefinitionJson.Deserialize("{\"labels\":{" + labels + "}}"));

        Assert.Contains(thrown.Diagnostics, d => d.Id == DiagnosticId.UnknownKey);
    }
}
