using System.Management.Automation;
using System.Text.Json;
using StratoVirt.Control;
using StratoVirt.PowerShell.Binding;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Has a command carried out by the control socket of machines, whichever process runs them.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "StratoQmp", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(PSObject), typeof(string))]
public sealed class InvokeStratoQmpCommand : TargetedVmCommand
{
    private static readonly string[] Reading =
        ["query-", "qom-list", "qom-get", "device-list-properties", "x-stratovirt-status", "x-stratovirt-definition",
        "x-stratovirt-metrics", "x-stratovirt-devices", "x-stratovirt-console-read"];

    private JsonElement _arguments;

    /// <summary>The command.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Command { get; set; } = string.Empty;

    /// <summary>What it takes: a table, or JSON text.</summary>
    [Parameter(Position = 2)]
    public object? Arguments { get; set; }

    /// <summary>Emit the result as JSON text.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <summary>How long to wait for the answer, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSeconds { get; set; } = 30;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            _arguments = JsonBinding.ToObject(Arguments);
        }
        catch (StratoVirtException unfit)
        {
            ThrowTerminatingError(ErrorRecords.For(unfit, Arguments));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        bool changes = !Array.Exists(Reading, prefix => Command.StartsWith(prefix, StringComparison.Ordinal));
        string socket = vm.RequireControlSocket();
        if (changes && !ShouldProcess(vm.Name, $"Execute '{Command}'"))
        {
            return;
        }

        var timeout = TimeSpan.FromSeconds(TimeoutSeconds);
        using ControlClient client = ControlClient.Connect(socket, timeout, StopToken);
        JsonElement result = client.Execute(Command, _arguments, timeout, StopToken);
        if (Raw)
        {
            WriteObject(JsonBinding.ToText(result));
        }
        else if (result.ValueKind != JsonValueKind.Object || result.EnumerateObject().Any())
        {
            // An empty object is QMP's way of having nothing to say.
            WriteObject(JsonBinding.ToPowerShell(result), enumerateCollection: true);
        }
    }
}
