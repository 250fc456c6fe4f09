using System.Management.Automation;
using StratoVirt.PowerShell.Binding;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Services;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Has machines start with the host: writes a systemd unit for each and enables it.</summary>
[Cmdlet(VerbsLifecycle.Register, "StratoVmService", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(StratoVmService))]
public sealed class RegisterStratoVmServiceCommand : TargetedVmCommand
{
    private static readonly string[] Variables = ["STRATOVIRT_HOME", "STRATOVIRT_RUNTIME"];

    /// <summary>Units of this user instead of the system's.</summary>
    [Parameter]
    public SwitchParameter User { get; set; }

    /// <summary>Write the units into this directory, and do no more.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The program that starts the machines: pwsh 7.6, or one that takes its command line.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ShellPath { get; set; }

    /// <summary>Emit the services.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private static string ModuleDirectory => System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(typeof(StratoVm).Assembly.Location)!)!;

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        var systemd = new Systemd(User);
        if (Path is null)
        {
            Systemd.Require();
        }

        string unit = SystemdUnit.NameOf(vm.Name);
        string file = System.IO.Path.Combine(Path is null ? systemd.Directory : Paths.Unresolved(SessionState, Path), unit);
        string text = new SystemdUnit
        {
            Machine = vm.Name,
            Shell = ShellPath is null ? FindShell() : Paths.Unresolved(SessionState, ShellPath),
            Manifest = System.IO.Path.Combine(ModuleDirectory, "StratoVirt.psd1"),
            Home = vm.Store,
            Environment = [.. Variables.Select(name => (name, Environment.GetEnvironmentVariable(name))).Where(pair => pair.Item2 is { Length: > 0 }).Select(pair => (pair.name, pair.Item2!))],
            WantedBy = systemd.Target,
        }.ToString();
        if (File.Exists(file) && !File.ReadAllText(file).StartsWith(SystemdUnit.Mark, StringComparison.Ordinal))
        {
            throw ErrorRecords.Failure(
                CommandErrorId.FileExists,
                $"'{file}' exists already, and Register-StratoVmService did not write it.",
                "Remove it, or keep it as the machine's unit.");
        }

        if (!ShouldProcess(vm.Name, $"Register {(Path is null ? unit : file)}"))
        {
            return;
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        if (Path is null)
        {
            systemd.Reload();
            systemd.Enable(unit);
        }

        if (PassThru)
        {
            WriteObject(new StratoVmService(vm.Name, unit, file, Path is null));
        }
    }

    // A checkout has a program that finds a shell each time; elsewhere it is the one of this session, or that on PATH.
    private static string FindShell()
    {
        string strato = System.IO.Path.Combine(ModuleDirectory, "strato");
        IEnumerable<string?> candidates =
        [
            strato,
            System.IO.Path.GetFileName(Environment.ProcessPath) == "pwsh" ? Environment.ProcessPath : null,
            .. (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Select(directory => System.IO.Path.Combine(directory, "pwsh")),
        ];
        return candidates.FirstOrDefault(File.Exists) ?? throw ErrorRecords.Failure(
            CommandErrorId.ShellMissing,
            "There is no pwsh on PATH, which would start the machine.",
            "Install PowerShell 7.6, or name a program that takes its command line with -ShellPath.");
    }
}
