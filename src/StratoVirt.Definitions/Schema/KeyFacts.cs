using StratoVirt.Definitions.Validation;

namespace StratoVirt.Definitions.Schema;

/// <summary>What the schema says about a key beyond its type: words for the editor, and bounds.</summary>
/// <param name="Description">A sentence or two, shown by editors.</param>
/// <param name="Const">The only value allowed, or null.</param>
/// <param name="Pattern">Regular expression (ECMA 262) of the text, or null.</param>
/// <param name="Minimum">Least number, or null.</param>
/// <param name="Maximum">Greatest number, or null.</param>
/// <param name="MinLength">Fewest characters, or null.</param>
/// <param name="MaxLength">Most characters, or null.</param>
internal sealed partial record KeyFacts(
    string Description,
    string? Const = null,
    string? Pattern = null,
    int? Minimum = null,
    int? Maximum = null,
    int? MinLength = null,
    int? MaxLength = null)
{
    /// <summary>The facts of each key, by its path.</summary>
    internal static readonly IReadOnlyDictionary<string, KeyFacts> ByPath = new Dictionary<string, KeyFacts>
    {
        ["apiVersion"] = new("The version of this document's format.", Const: VmDefinition.CurrentApiVersion),
        ["kind"] = new("What the document describes.", Const: VmDefinition.CurrentKind),
        ["metadata"] = new("Name and labels."),
        ["metadata.name"] = new(
            "What the machine is called. Unique in its store; names that differ by case alone are the same.",
            Pattern: VmName.Pattern),
        ["metadata.labels"] = new("Free keys and values for your own use."),
        ["spec"] = new("What the machine is made of."),
        ["spec.state"] = new(
            "What Sync-StratoVm makes of it. present: there, running or not. running, stopped: that too. absent: removed."),
        ["spec.machine"] = new("The machine model. microvm: no firmware, direct kernel boot, PCI for devices added while it runs only."),
        ["spec.cpus"] = new("Number of vCPUs.", Minimum: VmSpec.MinCpus, Maximum: VmSpec.MaxCpus),
        ["spec.memory"] = new(
            $"Guest RAM, {VmSpec.MinMemory} to {DefinitionLimits.MaxMemory}, a multiple of {VmSpec.MemoryGranule}: 512MiB, 4GiB."),
        ["spec.acpi"] = new("Describe the machine in ACPI tables. Off: by an MP table and the kernel's command line."),
        ["spec.polling"] = new(
            "Microseconds that I/O threads look for the guest's next request at most before they sleep, while that pays. 0: never.",
            Minimum: 0,
            Maximum: VmSpec.MaxPolling),
        ["spec.boot"] = new("What runs first: a kernel, or the built-in guest."),
        ["spec.boot.kernel"] = new(
            "Path of the kernel: bzImage, ELF vmlinux or raw binary. A relative path starts at this file's directory.",
            MinLength: 1),
        ["spec.boot.initrd"] = new("Path of the initial ramdisk. A relative path starts at this file's directory.", MinLength: 1),
        ["spec.boot.commandLine"] = new(
            "The kernel's command line. Left out, it is the machine's default, with the console on ttyS0.",
            MaxLength: DefinitionLimits.MaxCommandLineBytes),
        ["spec.boot.builtIn"] = new("Boot the small guest that comes with StratoVirt instead of a kernel."),
        ["spec.console"] = new("The serial console."),
        ["spec.console.history"] = new(
            $"Output kept in memory, {DefinitionLimits.MinHistory} to {DefinitionLimits.MaxHistory}."),
        ["spec.console.log"] = new("Keep a log file in the machine's runtime directory."),
        ["spec.console.logLimit"] = new(
            $"The log is rotated once when it reaches this size, {DefinitionLimits.MinLogLimit} to {DefinitionLimits.MaxLogLimit}."),
    }.Concat(Devices()).ToDictionary();
}
