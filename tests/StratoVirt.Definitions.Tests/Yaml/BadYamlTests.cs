using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Yaml;

namespace StratoVirt.Definitions.Tests.Yaml;

/// <summary>What each fault in a document is called, where it is said to be, and what is suggested.</summary>
public sealed class BadYamlTests
{
    private const string Head = "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: web\nspec:\n";

    private const string Boot = Head + "  boot: {builtIn: true}\n";

    public static TheoryData<string, string, string, int, int, string?> Faults => new()
    {
        { "unknown key", Head + "  boot:\n    kernal: /k\n", "UnknownKey", 7, 5, "kernel" },
        { "unknown key, swapped letters", Head + "  cpsu: 2\n  boot: {builtIn: true}\n", "UnknownKey", 6, 3, "cpus" },
        { "unknown key, wrong case", Head + "  boot:\n    builtin: true\n", "UnknownKey", 7, 5, "builtIn" },
        { "key of another place", Head + "  kernel: /k\n  boot: {builtIn: true}\n", "UnknownKey", 6, 3, "spec.boot.kernel" },
        { "unknown key, nothing near", Head + "  boot: {builtIn: true}\n  flavour: x\n", "UnknownKey", 7, 3, null },
        { "misspelt required key", "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  nmae: web\nspec:\n  boot: {builtIn: true}\n", "UnknownKey", 4, 3, "name" },
        { "duplicate key", Head + "  cpus: 1\n  boot: {builtIn: true}\n  cpus: 2\n", "DuplicateKey", 8, 3, null },
        { "duplicate key, spelt differently", Head + "  \"cpus\": 1\n  boot: {builtIn: true}\n  cpus: 2\n", "DuplicateKey", 8, 3, null },
        { "duplicate label", Head.Replace("spec", "  labels: {a: x, a: y}\nspec") + "  boot: {builtIn: true}\n", "DuplicateKey", 5, 18, null },
        { "text for number", Head + "  cpus: two\n  boot: {builtIn: true}\n", "WrongType", 6, 9, null },
        { "quoted number", Head + "  cpus: \"2\"\n  boot: {builtIn: true}\n", "WrongType", 6, 9, "2" },
        { "fraction", Head + "  cpus: 2.0\n  boot: {builtIn: true}\n", "WrongType", 6, 9, "2" },
        { "octal of YAML 1.1", Head + "  cpus: 010\n  boot: {builtIn: true}\n", "WrongType", 6, 9, "10" },
        { "octal of YAML 1.2", Head + "  cpus: 0o10\n  boot: {builtIn: true}\n", "WrongType", 6, 9, null },
        { "hexadecimal", Head + "  cpus: 0x10\n  boot: {builtIn: true}\n", "WrongType", 6, 9, "16" },
        { "no value", Head + "  cpus:\n  boot: {builtIn: true}\n", "WrongType", 6, 8, null },
        { "list for number", Head + "  cpus: [1]\n  boot: {builtIn: true}\n", "WrongType", 6, 9, null },
        { "text for mapping", Head + "  boot: /boot/vmlinuz\n", "WrongType", 6, 9, null },
        { "mapping for text", Head + "  boot:\n    kernel: {path: /k}\n", "WrongType", 7, 13, null },
        { "number for text", "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: 123\nspec:\n  boot: {builtIn: true}\n", "WrongType", 4, 9, "\"123\"" },
        { "YAML 1.1 boolean", Head + "  acpi: yes\n  boot: {builtIn: true}\n", "WrongType", 6, 9, "true" },
        { "quoted boolean", Head + "  acpi: \"false\"\n  boot: {builtIn: true}\n", "WrongType", 6, 9, "false" },
        { "boolean label", Head.Replace("spec", "  labels:\n    gpu: true\nspec") + "  boot: {builtIn: true}\n", "WrongType", 6, 10, "\"true\"" },
        { "label without value", Head.Replace("spec", "  labels:\n    gpu:\nspec") + "  boot: {builtIn: true}\n", "WrongType", 6, 9, null },
        { "root is a list", "- a\n- b\n", "WrongType", 1, 1, null },
        { "root is text", "hello\n", "WrongType", 1, 1, null },
        { "key is a list", "? [a]\n: b\n", "WrongType", 1, 3, null },
        { "no size", Head + "  memory: lots\n  boot: {builtIn: true}\n", "InvalidValue", 6, 11, null },
        { "fraction of a unit", Head + "  memory: 1.5GiB\n  boot: {builtIn: true}\n", "InvalidValue", 6, 11, "1536MiB" },
        { "size beyond 64 bits", Head + "  memory: 99999999999TiB\n  boot: {builtIn: true}\n", "InvalidValue", 6, 11, null },
        { "bare small number", Head + "  memory: 512\n  boot: {builtIn: true}\n", "OutOfRange", 6, 11, "512MiB" },
        { "memory 0", Head + "  memory: 0\n  boot: {builtIn: true}\n", "OutOfRange", 6, 11, null },
        { "memory odd", Head + "  memory: 129MiB\n  boot: {builtIn: true}\n", "NotAligned", 6, 11, "130MiB" },
        { "memory of a fortune", Head + "  memory: 2TiB\n  boot: {builtIn: true}\n", "OutOfRange", 6, 11, null },
        { "0 vCPUs", Head + "  cpus: 0\n  boot: {builtIn: true}\n", "OutOfRange", 6, 9, "1" },
        { "255 vCPUs", Head + "  cpus: 255\n  boot: {builtIn: true}\n", "OutOfRange", 6, 9, "254" },
        { "vCPUs beyond 32 bits", Head + "  cpus: 4294967297\n  boot: {builtIn: true}\n", "OutOfRange", 6, 9, null },
        { "unknown machine", Head + "  machine: micro-vm\n  boot: {builtIn: true}\n", "InvalidValue", 6, 12, "microvm" },
        { "kernel and built-in", Head + "  boot:\n    kernel: /k\n    builtIn: true\n", "Conflict", 7, 13, null },
        { "initrd for built-in", Head + "  boot:\n    initrd: /i\n    builtIn: true\n", "Conflict", 7, 13, null },
        { "nothing to boot", Head + "  boot: {}\n", "MissingBoot", 6, 9, null },
        { "initrd alone", Head + "  boot:\n    initrd: /i\n", "MissingBoot", 7, 5, null },
        { "empty path", Head + "  boot:\n    kernel: ''\n", "InvalidValue", 7, 13, null },
        { "control character in path", Head + "  boot:\n    kernel: \"/a\\0b\"\n", "InvalidValue", 7, 13, null },
        { "folded command line with break", Head + "  boot:\n    kernel: /k\n    commandLine: |\n      a\n      b\n", "InvalidValue", 8, 18, null },
        { "history too small", Head + "  console: {history: 1KiB}\n  boot: {builtIn: true}\n", "OutOfRange", 6, 22, "4KiB" },
        { "disk without path", Boot + "  disks:\n  - name: a\n", "MissingKey", 8, 5, null },
        { "unknown key of a disk", Boot + "  disks:\n  - name: a\n    path: /a\n    readonly: true\n", "UnknownKey", 10, 5, "readOnly" },
        { "disks as a mapping", Boot + "  disks: {name: a, path: /a}\n", "WrongType", 7, 10, null },
        { "disk as text", Boot + "  disks:\n  - /a\n", "WrongType", 8, 5, null },
        { "the second disk's size", Boot + "  disks:\n  - {name: a, path: /a}\n  - {name: b, path: /b, blockSize: 1024}\n", "InvalidValue", 9, 36, "512" },
        { "unknown cache", Boot + "  disks: [{name: a, path: /a, cache: none}]\n", "InvalidValue", 7, 38, null },
        { "the same name twice", Boot + "  disks: [{name: a, path: /a}]\n  networks: [{name: A, user: true}]\n", "Conflict", 8, 21, null },
        { "device name", Boot + "  disks: [{name: 'a b', path: /a}]\n", "InvalidName", 7, 18, null },
        { "network without backend", Boot + "  networks: [{name: a}]\n", "MissingKey", 7, 14, null },
        { "network with two", Boot + "  networks: [{name: a, user: true, tap: t}]\n", "Conflict", 7, 14, null },
        { "queues of a user network", Boot + "  networks: [{name: a, user: true, queues: 2}]\n", "Conflict", 7, 44, "1" },
        { "the kernel's user network", Boot + "  networks: [{name: a, user: true, vhost: true}]\n", "Conflict", 7, 43, "false" },
        { "a limit that the kernel does not hold", Boot + "  networks: [{name: a, tap: t, vhost: true, sendLimit: {operations: 5}}]\n", "Conflict", 7, 39, "false" },
        { "queues of the kernel's network", Boot + "  networks: [{name: a, tap: t, vhost: true, queues: 8}]\n", "OutOfRange", 7, 53, "4" },
        { "group MAC", Boot + "  networks: [{name: a, user: true, mac: '01:00:5e:00:00:01'}]\n", "InvalidValue", 7, 41, null },
        { "unknown rate group", Boot + "  disks: [{name: a, path: /a, rateGroup: sloww}]\n  rateGroups: [{name: slow, limit: {operations: 5}}]\n", "InvalidValue", 7, 42, "slow" },
        { "memory device not aligned", Boot + "  memoryDevices: [{name: a, maximum: 3MiB}]\n", "NotAligned", 7, 38, null },
        { "balloon as big as the machine", Boot + "  balloon: {size: 256MiB}\n", "OutOfRange", 7, 19, null },
        { "vsock of the host", Boot + "  vsock: {cid: 2}\n", "OutOfRange", 7, 16, "3" },
        { "name with slash", Head.Replace("web", "a/b") + "  boot: {builtIn: true}\n", "InvalidName", 4, 9, null },
        { "name with ..", Head.Replace("web", "a..b") + "  boot: {builtIn: true}\n", "InvalidName", 4, 9, null },
        { "name with control character", Head.Replace("web", "\"a\\tb\"") + "  boot: {builtIn: true}\n", "InvalidName", 4, 9, null },
        { "label key", Head.Replace("spec", "  labels:\n    'a b': x\nspec") + "  boot: {builtIn: true}\n", "InvalidLabel", 6, 12, null },
        { "missing section", "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: web\n", "MissingKey", 1, 1, null },
        { "missing name", "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata: {}\nspec:\n  boot: {builtIn: true}\n", "MissingKey", 3, 11, null },
        { "missing version", "kind: VirtualMachine\nmetadata:\n  name: web\nspec:\n  boot: {builtIn: true}\n", "MissingKey", 1, 1, "apiVersion: stratovirt/v1" },
        { "other version", "apiVersion: stratovirt/v2\nkind: Cluster\nnodes: []\n", "UnsupportedApiVersion", 1, 13, "stratovirt/v1" },
        { "other kind", "apiVersion: stratovirt/v1\nkind: Pod\nmetadata: {}\n", "UnsupportedKind", 2, 7, "VirtualMachine" },
        { "tab", Head + "\tcpus: 2\n", "TabIndentation", 6, 1, "  " },
        { "tab behind spaces", Head + "  boot:\n  \tbuiltIn: true\n", "TabIndentation", 7, 3, "  " },
        { "tab in a longer mapping", Head + "  cpus: 2\n\tmemory: 1GiB\n", "TabIndentation", 7, 1, "  " },
        { "two documents", Head + "  boot: {builtIn: true}\n---\n" + Head, "SeveralDocuments", 7, 1, null },
        { "empty", "", "EmptyDocument", 1, 1, null },
        { "only comments", "# nothing\n\n", "EmptyDocument", 1, 1, null },
        { "only a marker", "---\n", "EmptyDocument", 1, 1, null },
        { "anchor", Head + "  boot: &b {builtIn: true}\n", "UnsupportedFeature", 6, 9, null },
        { "alias", Head + "  boot: *b\n", "UnsupportedFeature", 6, 9, null },
        { "tag", Head + "  cpus: !!int 2\n  boot: {builtIn: true}\n", "UnsupportedFeature", 6, 9, null },
        { "merge key", Head + "  <<: {cpus: 2}\n  boot: {builtIn: true}\n", "UnsupportedFeature", 6, 3, null },
        { "bad indentation", Head + "  cpus: 1\n   memory: 1GiB\n", "Syntax", 7, 10, null },
        { "missing colon", "apiVersion stratovirt/v1\nkind: x\n", "Syntax", 2, 5, null },
        { "open bracket", Head + "  boot: {builtIn: true\n", "Syntax", 7, 1, null },
        { "open quote", Head + "  boot: {kernel: \"/k}\n", "Syntax", 6, 18, null },
        { "NUL", Head + "  cpus: 1\0\n", "InvalidCharacter", 6, 10, null },
        { "escape sequence", Head + "  # \u001b[31m\n", "InvalidCharacter", 6, 5, null },
        { "lone surrogate", Head + "  boot: {kernel: \"/\\uD800\"}\n", "Syntax", 6, 18, null },
        { "deep", Head + "  boot: " + new string('[', 40), "TooDeep", 6, 23, null },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void EachFaultIsNamedAndPlaced(string fault, string yaml, string id, int line, int column, string? suggestion)
    {
        DefinitionException thrown = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.Read(yaml, "vm.yaml"));

        Diagnostic first = thrown.Diagnostics[0];
        Assert.Equal((fault, id, line, column, suggestion), (fault, first.Id.ToString(), first.Line, first.Column, first.Suggestion));
        Assert.StartsWith($"vm.yaml({line},{column}): ", thrown.Message);
        Assert.Single(thrown.Diagnostics);
    }

    [Fact]
    public void SeveralFaultsAreReportedAtOnceInDocumentOrder()
    {
        const string Yaml = "apiVersion: stratovirt/v1\nkind: VirtualMachine\nmetadata:\n  name: -web\nspec:\n  cpu: 2\n  memory: 3MiB\n  acpi: maybe\n  boot: {}\n";

        DefinitionException thrown = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.Read(Yaml, "a/vm.yaml"));

        Assert.Equal(
            ["InvalidName 4", "UnknownKey 6", "OutOfRange 7", "WrongType 8", "MissingBoot 9"],
            thrown.Diagnostics.Select(d => $"{d.Id} {d.Line}"));
        Assert.Equal(
            ["$.metadata.name", "$.spec.cpu", "$.spec.memory", "$.spec.acpi", "$.spec.boot"],
            thrown.Diagnostics.Select(d => d.Path));
        Assert.StartsWith("a/vm.yaml(4,9): ", thrown.Message);
        Assert.Contains("\na/vm.yaml(6,3): There is no key 'cpu' in 'spec'. Did you mean 'cpus'?", thrown.Message);
    }

    [Fact]
    public void MessagesCarryNoTerminalEscapesAndStayShort()
    {
        string yaml = Head + "  \"\\e[31m" + new string('x', 5000) + "\": 1\n  boot: {builtIn: true}\n";

        DefinitionException thrown = Assert.Throws<DefinitionException>(() => YamlDefinitionReader.Read(yaml, "vm.yaml"));

        Assert.DoesNotContain('\u001b', thrown.Message);
        Assert.InRange(thrown.Message.Length, 50, 400);
    }

    [Fact]
    public void WarningsDoNotStopADefinition()
    {
        var warnings = new List<Diagnostic>();

        YamlDefinitionReader.Read(Head + "  console: {log: off, logLimit: 1MiB}\n  boot: {builtIn: true}\n", "vm.yaml", warnings.Add);

        Diagnostic warning = Assert.Single(warnings);
        Assert.Equal((DiagnosticId.NoEffect, DiagnosticSeverity.Warning, 6, 33), (warning.Id, warning.Severity, warning.Line, warning.Column));
    }
}
