using CsCheck;
using StratoVirt.Definitions.Yaml;

namespace StratoVirt.Definitions.Tests.Yaml;

public sealed class YamlRoundTripTests
{
    [Fact]
    public void WhatIsWrittenReadsBackTheSameAndIsStable() => Definitions.Any.Sample(definition =>
    {
        string yaml = YamlDefinitionWriter.Write(definition);
        VmDefinition read = YamlDefinitionReader.Read(yaml, "vm.yaml");
        return read == definition && YamlDefinitionWriter.Write(read) == yaml;
    });

    [Fact]
    public void DefaultsAreLeftOut() => Assert.Equal(
        """
        apiVersion: stratovirt/v1
        kind: VirtualMachine
        metadata:
          name: web-1
        spec:
          machine: microvm
          cpus: 1
          memory: 256MiB
          boot:
            kernel: /boot/vmlinuz

        """,
        YamlDefinitionWriter.Write(Definitions.Plain));

    [Fact]
    public void EverythingElseIsWrittenInTheRecordsOrder()
    {
        var full = new VmDefinition
        {
            Metadata = new VmMetadata
            {
                Name = "7",
                Labels = VmMetadata.NoLabels.Add("b", "no").Add("a", "two words").Add("B", "x: y"),
            },
            Spec = new VmSpec
            {
                Cpus = 4,
                Memory = ByteSize.FromMebibytes(2048),
                Acpi = false,
                Boot = new BootSpec { Kernel = "/k", Initrd = "/i", CommandLine = "console=ttyS0 quiet" },
                Console = new ConsoleSpec { History = new(5000), Log = false },
            },
        };

        Assert.Equal(
            """
            apiVersion: stratovirt/v1
            kind: VirtualMachine
            metadata:
              name: "7"
              labels:
                B: "x: y"
                a: two words
                b: "no"
            spec:
              machine: microvm
              cpus: 4
              memory: 2GiB
              acpi: false
              boot:
                kernel: /k
                initrd: /i
                commandLine: console=ttyS0 quiet
              console:
                history: "5000"
                log: false

            """,
            YamlDefinitionWriter.Write(full));
    }

    [Fact]
    public void SpellingsOfTheSameDefinitionAreEqual()
    {
        const string Block = "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata: {name: web-1}\nspec:\n  acpi: on\n  memory: 0.25GiB\n  boot:\n    kernel: /boot/vmlinuz\n    initrd: ~\n    commandLine:\n";
        const string Flow = "--- # a comment\n{apiVersion: 'stratovirt/v1', kind: \"VirtualMachine\", metadata: {\"name\":\"web-1\"}, spec: {memory: 268435456, boot: {kernel: /boot/vmlinuz}}}\n...\n";

        Assert.Equal(Definitions.Plain, YamlDefinitionReader.Read(Block.Replace("0.25GiB", "256mb"), "vm.yaml"));
        Assert.Equal(Definitions.Plain, YamlDefinitionReader.Read(Flow, "vm.yaml"));
    }

    [Fact]
    public void AFoldedCommandLineIsOneLine()
    {
        const string Yaml = "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata: {name: web}\nspec:\n  boot:\n    kernel: /k\n    commandLine: >-\n      console=ttyS0\n      quiet\n";

        Assert.Equal("console=ttyS0 quiet", YamlDefinitionReader.Read(Yaml, "vm.yaml").Spec.Boot.CommandLine);
    }
}
