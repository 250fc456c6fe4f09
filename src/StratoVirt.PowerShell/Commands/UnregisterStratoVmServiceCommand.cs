using System.Management.Automation;
using StratoVirt.PowerShell.Completers;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Services;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Has machines not start with the host any more: takes their systemd units away. What runs, runs on.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "StratoVmService", SupportsShouldProcess = true)]
public sealed class UnregisterStratoVmServiceCommand : StratoCommand
{
    /// <summary>Names of machines, also of such as are not in the store any more.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Units of this user instead of the system's.</summary>
    [Parameter]
    public SwitchParameter User { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            Attempt(name, () => Unregister(name));
        }
    }

    private void Unregister(string name)
    {
        Systemd.Require();
        var systemd = new Systemd(User);
        var pattern = new WildcardPattern(SystemdUnit.NameOf(name), WildcardOptions.IgnoreCase);
        string[] files = Directory.Exists(systemd.Directory)
            ? [.. Directory.GetFiles(systemd.Directory, SystemdUnit.NameOf("*")).Where(file => pattern.IsMatch(Path.GetFileName(file)) && IsOurs(file))]
            : [];
        if (files.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
        {
            throw ErrorRecords.Failure(
                CommandErrorId.NotRegistered,
                $"'{systemd.Directory}' has no unit that Register-StratoVmService wrote for '{name}'.",
                "Check the name, and whether it was registered with -User.");
        }

        foreach (string file in files)
        {
            string unit = Path.GetFileName(file);
            if (ShouldProcess(unit, "Unregister"))
            {
                systemd.Disable(unit);
                File.Delete(file);
                systemd.Reload();
            }
        }
    }

    private static bool IsOurs(string file) => File.ReadAllText(file).StartsWith(SystemdUnit.Mark, StringComparison.Ordinal);
}
