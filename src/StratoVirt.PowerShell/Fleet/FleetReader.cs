using StratoVirt.Definitions;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Validation;
using StratoVirt.Definitions.Yaml;
using StratoVirt.PowerShell.Errors;

namespace StratoVirt.PowerShell.Fleet;

/// <summary>Reads all documents of a fleet and finds all that is wrong with them, before anything is done about one.</summary>
internal sealed class FleetReader(Action<string> warn, Action<object?, Exception> report)
{
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FleetDocument> _byName = new(VmName.Comparer);
    private readonly List<FleetDocument> _documents = [];

    /// <summary>What is wanted of all machines; null for what their documents say.</summary>
    public WantedState? State { get; init; }

    /// <summary>What was read, in the order it was read in.</summary>
    public IReadOnlyList<FleetDocument> Documents => _documents;

    /// <summary>Number of files and texts that cannot be used.</summary>
    public int Faults { get; private set; }

    /// <summary>Whether a machine is among those read.</summary>
    public bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>Reads a file, once. Paths in it start at its directory.</summary>
    public void AddFile(string file)
    {
        if (_files.Add(file))
        {
            Add(file, file, Path.GetDirectoryName(file)!, warning => Directory.Exists(file)
                ? throw ErrorRecords.Failure(
                    CommandErrorId.PathUnusable, $"'{file}' is a directory.", $"Name the documents in it: '{Path.Combine(file, "*.yaml")}'.")
                : YamlDefinitionReader.ReadAllFile(file, warning));
        }
    }

    /// <summary>Reads text. Paths in it start at the directory given.</summary>
    public void AddText(string text, string directory) =>
        Add(text, null, directory, warning => YamlDefinitionReader.ReadAll(text, null, warning));

    private void Add(
        string target, string? file, string directory, Func<Action<Diagnostic>, IReadOnlyList<(VmDefinition Definition, int Line)>> read)
    {
        try
        {
            foreach ((VmDefinition definition, int line) in read(warning => warn(warning.Format(file))))
            {
                VmDefinition resolved = definition.ResolvePaths(directory);
                Add(new FleetDocument(resolved with { Spec = resolved.Spec with { State = State ?? resolved.Spec.State } }, file, line));
            }
        }
        catch (Exception fault) when (ErrorRecords.For(fault, target) is not null)
        {
            Faults++;
            report(target, fault);
        }
    }

    private void Add(FleetDocument document)
    {
        if (!_byName.TryAdd(document.Name, document))
        {
            throw ErrorRecords.Failure(
                CommandErrorId.NameTwice,
                $"{document.Place}: the machine '{document.Name}' is described already, in {_byName[document.Name].Place}.",
                "Keep one of the two, or give one another name.");
        }

        _documents.Add(document);
    }
}
