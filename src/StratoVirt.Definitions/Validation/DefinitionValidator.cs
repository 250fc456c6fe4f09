using System.Collections.Immutable;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Validation;

/// <summary>
/// All rules for values and their combinations, wherever a definition comes from: YAML, JSON, a cmdlet's parameters.
/// What only the host can tell (files that exist, memory it can give) is found when the machine is built.
/// </summary>
public static class DefinitionValidator
{
    /// <summary>Checks a definition.</summary>
    /// <returns>What was found, errors and warnings; empty when all is well. Paths are set, lines and columns are not.</returns>
    public static ImmutableArray<Diagnostic> Validate(VmDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var findings = new Findings();
        CheckDocument(definition, findings);
        CheckMetadata(definition.Metadata, findings);
        CheckSpec(definition.Spec, findings);
        BootRules.Check(definition.Spec.Boot, findings);
        PathRules.Check(definition.Spec, findings);
        DeviceRules.Check(definition.Spec, findings);
        CheckConsole(definition.Spec.Console, findings);
        return findings.ToImmutable();
    }

    /// <summary>Checks a definition and throws when it cannot be used. Warnings are passed over.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="fileName">Name of the document it came from, for the message.</param>
    /// <exception cref="DefinitionException">It cannot be used.</exception>
    public static void ThrowIfInvalid(VmDefinition definition, string? fileName = null)
    {
        ImmutableArray<Diagnostic> errors = Validate(definition).RemoveAll(found => found.Severity != DiagnosticSeverity.Error);
        if (!errors.IsEmpty)
        {
            throw new DefinitionException(errors, fileName);
        }
    }

    private static void CheckDocument(VmDefinition definition, Findings findings)
    {
        if (definition.ApiVersion != VmDefinition.CurrentApiVersion)
        {
            findings.Error(
                DiagnosticId.UnsupportedApiVersion,
                "$.apiVersion",
                $"'apiVersion' is {QuotedText.Quote(definition.ApiVersion)}; this build reads '{VmDefinition.CurrentApiVersion}'.",
                VmDefinition.CurrentApiVersion);
        }

        if (definition.Kind != VmDefinition.CurrentKind)
        {
            findings.Error(
                DiagnosticId.UnsupportedKind,
                "$.kind",
                $"'kind' is {QuotedText.Quote(definition.Kind)}; it has to be '{VmDefinition.CurrentKind}'.",
                VmDefinition.CurrentKind);
        }
    }

    private static void CheckMetadata(VmMetadata metadata, Findings findings)
    {
        if (VmName.FindFault(metadata.Name) is string fault)
        {
            findings.Error(DiagnosticId.InvalidName, "$.metadata.name", fault);
        }

        if (metadata.Labels.Count > DefinitionLimits.MaxLabels)
        {
            findings.Error(
                DiagnosticId.InvalidLabel,
                "$.metadata.labels",
                $"'metadata.labels' has {metadata.Labels.Count} labels; {DefinitionLimits.MaxLabels} are allowed.");
            return;
        }

        foreach ((string key, string value) in metadata.Labels)
        {
            CheckLabel(key, value, findings);
        }
    }

    private static void CheckLabel(string key, string value, Findings findings)
    {
        string path = DefinitionPath.Append("$.metadata.labels", key);
        bool keyIsValid = key.Length is > 0 and <= DefinitionLimits.MaxLabelKey
            && char.IsAsciiLetterOrDigit(key[0])
            && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '/' or '-');
        if (!keyIsValid)
        {
            findings.Error(
                DiagnosticId.InvalidLabel,
                path,
                $"The label {QuotedText.Quote(key)} is not allowed: a label's key has 1 to {DefinitionLimits.MaxLabelKey} "
                + "letters, digits, '.', '_', '-' and '/', and begins with a letter or digit.");
        }
        else if (value.Length > DefinitionLimits.MaxLabelValue || value.Any(char.IsControl)
            || UnicodeText.HasLoneSurrogate(value))
        {
            findings.Error(
                DiagnosticId.InvalidLabel,
                path,
                $"The value of label '{key}' is not allowed: a label's value has at most {DefinitionLimits.MaxLabelValue} "
                + "characters, no control characters, and is valid Unicode.");
        }
    }

    private static void CheckSpec(VmSpec spec, Findings findings)
    {
        if (!Enum.IsDefined(spec.Machine))
        {
            findings.Error(
                DiagnosticId.InvalidValue,
                "$.spec.machine",
                $"'spec.machine' is {(int)spec.Machine}, which is no machine model.");
        }

        if (spec.Cpus is < VmSpec.MinCpus or > VmSpec.MaxCpus)
        {
            findings.Error(
                DiagnosticId.OutOfRange,
                "$.spec.cpus",
                $"'spec.cpus' is {spec.Cpus}; a machine has {VmSpec.MinCpus} to {VmSpec.MaxCpus} vCPUs.",
                spec.Cpus < VmSpec.MinCpus ? "1" : "254");
        }

        if (spec.Polling is < 0 or > VmSpec.MaxPolling)
        {
            findings.Error(
                DiagnosticId.OutOfRange,
                "$.spec.polling",
                $"'spec.polling' is {spec.Polling}; I/O threads look for 0 to {VmSpec.MaxPolling} microseconds.",
                spec.Polling < 0 ? "0" : $"{VmSpec.MaxPolling}");
        }

        CheckMemory(spec.Memory, findings);
    }

    private static void CheckMemory(ByteSize memory, Findings findings)
    {
        const string Path = "$.spec.memory";
        ByteSize granule = VmSpec.MemoryGranule;
        if (memory.Bytes < VmSpec.MinMemory.Bytes || memory.Bytes > DefinitionLimits.MaxMemory.Bytes)
        {
            // A number too small in bytes, but not in MiB, was almost certainly meant in MiB.
            bool meantMebibytes = memory.Bytes >= VmSpec.MinMemory.Bytes >> 20 && memory.Bytes < VmSpec.MinMemory.Bytes >> 4;
            string? suggestion = meantMebibytes ? ByteSize.FromMebibytes(memory.Bytes).ToString() : null;
            findings.Error(
                DiagnosticId.OutOfRange,
                Path,
                $"'spec.memory' is {Describe(memory)}; a machine has {VmSpec.MinMemory} to {DefinitionLimits.MaxMemory}.",
                suggestion);
        }
        else if (memory.Bytes % granule.Bytes != 0)
        {
            var rounded = new ByteSize((memory.Bytes + granule.Bytes - 1) / granule.Bytes * granule.Bytes);
            findings.Error(
                DiagnosticId.NotAligned,
                Path,
                $"'spec.memory' is {Describe(memory)}; it has to be a multiple of {granule}.",
                rounded.ToString());
        }
    }

    private static void CheckConsole(ConsoleSpec console, Findings findings)
    {
        CheckSize("history", console.History, DefinitionLimits.MinHistory, DefinitionLimits.MaxHistory, findings);
        CheckSize("logLimit", console.LogLimit, DefinitionLimits.MinLogLimit, DefinitionLimits.MaxLogLimit, findings);
        if (!console.Log && console.LogLimit != new ConsoleSpec().LogLimit)
        {
            findings.Warning(
                DiagnosticId.NoEffect,
                "$.spec.console.logLimit",
                "'spec.console.logLimit' has no effect while 'spec.console.log' is false.");
        }
    }

    private static void CheckSize(string key, ByteSize size, ByteSize least, ByteSize most, Findings findings)
    {
        if (size.CompareTo(least) < 0 || size.CompareTo(most) > 0)
        {
            findings.Error(
                DiagnosticId.OutOfRange,
                $"$.spec.console.{key}",
                $"'spec.console.{key}' is {Describe(size)}; it can be {least} to {most}.",
                (size.CompareTo(least) < 0 ? least : most).ToString());
        }
    }

    private static string Describe(ByteSize size)
    {
        string text = size.ToString();
        return char.IsAsciiDigit(text[^1]) ? $"{text} bytes" : text;
    }
}
