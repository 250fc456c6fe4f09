using System.Text;
using StratoVirt.Definitions.Diagnostics;

namespace StratoVirt.Definitions.Validation;

/// <summary>The rules for <c>spec.boot</c>: one thing to boot, and what belongs to it.</summary>
internal static class BootRules
{
    internal static void Check(BootSpec boot, Findings findings)
    {
        if (boot.BuiltIn && boot.Kernel is not null)
        {
            findings.Error(
                DiagnosticId.Conflict,
                "$.spec.boot.kernel",
                "'spec.boot.kernel' and 'spec.boot.builtIn' exclude each other: keep the one to boot.");
        }
        else if (!boot.BuiltIn && boot.Kernel is null)
        {
            findings.Error(
                DiagnosticId.MissingBoot,
                "$.spec.boot",
                "'spec.boot' names nothing to boot: give 'kernel' a path, or set 'builtIn' to true.");
        }
        else if (boot.BuiltIn && boot.Initrd is not null)
        {
            findings.Error(
                DiagnosticId.Conflict,
                "$.spec.boot.initrd",
                "'spec.boot.initrd' needs 'spec.boot.kernel': the built-in guest takes no initrd.");
        }

        CheckCommandLine(boot.CommandLine, findings);
    }

    private static void CheckCommandLine(string? commandLine, Findings findings)
    {
        if (commandLine is null)
        {
            return;
        }

        const string Path = "$.spec.boot.commandLine";
        if (commandLine.AsSpan().ContainsAny('\n', '\r'))
        {
            findings.Error(
                DiagnosticId.InvalidValue,
                Path,
                "'spec.boot.commandLine' contains a line break; write it on one line, or fold it with '>-'.");
        }
        else if (commandLine.Any(c => char.IsControl(c) && c != '\t') || UnicodeText.HasLoneSurrogate(commandLine))
        {
            findings.Error(
                DiagnosticId.InvalidValue,
                Path,
                "'spec.boot.commandLine' contains a control character or something that is not valid Unicode.");
        }
        else if (Encoding.UTF8.GetByteCount(commandLine) > DefinitionLimits.MaxCommandLineBytes)
        {
            findings.Error(
                DiagnosticId.OutOfRange,
                Path,
                $"'spec.boot.commandLine' is longer than the {DefinitionLimits.MaxCommandLineBytes} bytes a kernel takes.");
        }
    }
}
