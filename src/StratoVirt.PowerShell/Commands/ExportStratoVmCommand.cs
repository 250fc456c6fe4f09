using System.Management.Automation;
using StratoVirt.PowerShell.Binding;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Writes definitions as YAML: into files, or as text into the pipeline.</summary>
[Cmdlet(VerbsData.Export, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(string))]
public sealed class ExportStratoVmCommand : TargetedVmCommand
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>The file; or a directory, in which each machine gets a file called <c>NAME.yaml</c>.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Overwrite files.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessVm(StratoVm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        string yaml = vm.Definition;
        if (Path is null)
        {
            WriteObject(yaml);
            return;
        }

        string file = Paths.Unresolved(SessionState, Path);
        if (Directory.Exists(file))
        {
            file = System.IO.Path.Combine(file, vm.Name + ".yaml");
        }

        if (!ShouldProcess(file, $"Export {vm.Name}"))
        {
            return;
        }

        // Two machines never share a file, not even with -Force: the second would silently replace the first.
        bool overwrite = Force && !_written.Contains(file);
        try
        {
            using var output = new FileStream(file, overwrite ? FileMode.Create : FileMode.CreateNew, FileAccess.Write);
            using var writer = new StreamWriter(output);
            writer.Write(yaml);
            _written.Add(file);
        }
        catch (IOException) when (!overwrite && File.Exists(file))
        {
            throw ErrorRecords.Failure(
                CommandErrorId.FileExists,
                $"'{file}' exists already.",
                "Overwrite it with -Force, or give a directory when exporting several machines.");
        }
    }
}
