using System.Management.Automation;
using System.Text;
using StratoVirt.PowerShell.Completers;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Types text on the consoles of guests.</summary>
[Cmdlet(VerbsCommunications.Send, "StratoConsole", SupportsShouldProcess = true)]
public sealed class SendStratoConsoleCommand : StratoCommand
{
    /// <summary>Names or patterns of the machines.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>What to type: a line each.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowEmptyString]
    [ValidateNotNull]
    public string[] Text { get; set; } = [];

    /// <summary>Do not press Enter behind the text.</summary>
    [Parameter]
    public SwitchParameter NoNewline { get; set; }

    /// <summary>How long a guest may take to read each piece of text, in seconds.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int TimeoutSeconds { get; set; } = 30;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            Attempt(name, () =>
            {
                foreach (StratoVm vm in Catalog.Find(name, Report))
                {
                    Attempt(vm, () => Send(vm));
                }
            });
        }
    }

    private void Send(StratoVm vm)
    {
        MachineRun run = vm.RequireLiveRun();
        foreach (string text in Text)
        {
            if (!ShouldProcess(vm.Name, $"Type '{text}'"))
            {
                continue;
            }

            byte[] bytes = Encoding.UTF8.GetBytes(NoNewline ? text : text + "\n");
            run.MarkInput();
            int taken = run.Console.Send(bytes, TimeSpan.FromSeconds(TimeoutSeconds), StopToken);
            if (taken < bytes.Length)
            {
                throw ErrorRecords.Failure(
                    CommandErrorId.InputNotTaken,
                    $"{vm.Name} ({vm.Status}) took {taken} of {bytes.Length} bytes within {TimeoutSeconds} s.",
                    "See with Receive-StratoConsole whether the guest reads its console, and give it time with -TimeoutSeconds.");
            }
        }
    }
}
