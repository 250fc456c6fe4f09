using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.PowerShell.Binding;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Fleet;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Adds machines to the store from YAML documents.</summary>
[Cmdlet(VerbsData.Import, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StratoVm))]
public sealed class ImportStratoVmCommand : StratoCommand
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    /// <summary>Files, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files, as they are called.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Replace machines that have the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool literal = ParameterSetName == ByLiteralPath;
        foreach (string path in literal ? LiteralPath : Path)
        {
            Attempt(path, () =>
            {
                foreach (string file in literal ? [Paths.Unresolved(SessionState, path)] : Paths.Resolved(SessionState, path))
                {
                    Attempt(file, () => Import(file));
                }
            });
        }
    }

    private void Import(string file)
    {
        if (Directory.Exists(file))
        {
            throw ErrorRecords.Failure(
                CommandErrorId.PathUnusable,
                $"'{file}' is a directory.",
                $"Import the documents in it: Import-StratoVm '{System.IO.Path.Combine(file, "*.yaml")}'");
        }

        // A document means its own directory by a relative path; in the store it has another.
        // What is imported is made by hand, even from the export of a machine that Sync-StratoVm made.
        VmDefinition definition = FleetMark.With(
            VmCatalog.ReadFile(file, WriteWarning).ResolvePaths(System.IO.Path.GetDirectoryName(file)!), mark: null);
        string name = definition.Metadata.Name;
        bool replaces = Force && Catalog.StoredName(name) is not null;
        if (!ShouldProcess(name, replaces ? $"Replace by '{file}'" : $"Import '{file}'"))
        {
            return;
        }

        StratoVm vm = replaces ? Catalog.Replace(definition) : Catalog.Add(definition);
        if (vm.State != StratoVmState.Stopped)
        {
            WriteWarning($"{name} is {vm.Status}: it takes the new definition at its next start.");
        }

        WriteObject(vm);
    }
}
