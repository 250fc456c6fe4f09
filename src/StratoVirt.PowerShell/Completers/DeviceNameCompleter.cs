using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Completers;

/// <summary>Completes names of devices of the machines already typed.</summary>
public sealed class DeviceNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        string typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
        WildcardPattern[] machines = [.. LanguagePrimitives.ConvertTo<string[]>(fakeBoundParameters["VM"] ?? "*")
            .Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase))];
        return VmCatalog.Open().Find("*", (_, _) => { })
            .Where(vm => machines.Any(machine => machine.IsMatch(vm.Name)))
            .SelectMany(vm => vm.Spec.ListDevices(), (vm, device) => (vm, device))
            .Where(pair => pair.device.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(pair => pair.device.Name)
            .Select(pair => new CompletionResult(
                pair.device.Name,
                pair.device.Name,
                CompletionResultType.ParameterValue,
                $"{DeviceFacts.KindOf(pair.device)} of {pair.vm.Name}"));
    }
}
