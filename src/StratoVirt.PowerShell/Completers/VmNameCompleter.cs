using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Completers;

/// <summary>Completes names of machines: those the cmdlet being typed can do something with.</summary>
public sealed class VmNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
        Func<StratoVmState, bool> suits = StatesFor(commandName ?? string.Empty);
        return VmCatalog.Open().Find(typed + "*", (_, _) => { })
            .Where(vm => suits(vm.State))
            .Select(vm => new CompletionResult(
                vm.Name, vm.Name, CompletionResultType.ParameterValue, $"{vm.Name}: {vm.State}, {vm.Cpus} vCPU, {vm.Memory >> 20} MiB"));
    }

    private static Func<StratoVmState, bool> StatesFor(string command) => command.ToUpperInvariant() switch
    {
        "START-STRATOVM" => state => state == StratoVmState.Stopped,
        "RESUME-STRATOVM" => state => state == StratoVmState.Paused,
        "SUSPEND-STRATOVM" => state => state == StratoVmState.Running,
        "STOP-STRATOVM" or "RESTART-STRATOVM" or "SEND-STRATOCONSOLE" or "ENTER-STRATOCONSOLE" => state => state != StratoVmState.Stopped,
        _ => _ => true,
    };
}
