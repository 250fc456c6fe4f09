using System.Text;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Diagnostics;
using StratoVirt.Definitions.Validation;
using StratoVirt.Definitions.Yaml;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Store;

/// <summary>
/// The definitions of a user's machines: <c>vms/NAME/vm.yaml</c> below one root, readable by their owner alone.
/// Changes are atomic and durable, and several sessions may make them at once; reading takes no lock. Names are looked
/// up without regard to case and keep the case they were given.
/// </summary>
/// <remarks>The store knows nothing of running machines: whoever removes one holds its runtime lease.</remarks>
public sealed class DefinitionStore
{
    private const string FileName = "vm.yaml";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Uses the store at a root, which need not exist yet.</summary>
    /// <param name="root">Absolute path.</param>
    public DefinitionStore(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        if (!Path.IsPathFullyQualified(root))
        {
            throw new ArgumentException($"The store's root '{root}' has to be absolute.", nameof(root));
        }

        Root = Path.TrimEndingDirectorySeparator(root);
    }

    /// <summary>The store of this user: <c>$STRATOVIRT_HOME</c>, else <c>/var/lib/stratovirt</c> for root, else
    /// <c>$XDG_DATA_HOME/stratovirt</c> or <c>~/.local/share/stratovirt</c>.</summary>
    /// <exception cref="StoreException"><c>$STRATOVIRT_HOME</c> is not absolute.</exception>
    public static string DefaultRoot => StoreRoot.ForThisUser();

    /// <summary>The store's directory.</summary>
    public string Root { get; }

    /// <summary>How long a change waits for another session's change; each takes milliseconds.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Called at each point where a crash would leave something else on disk.</summary>
    internal Action<StoreStep>? OnStep { get; init; }

    private string Machines => Path.Combine(Root, "vms");

    private string Locks => Path.Combine(Root, "locks");

    /// <summary>Adds a machine.</summary>
    /// <exception cref="DefinitionException">The definition is not valid.</exception>
    /// <exception cref="StoreException"><see cref="StoreErrorId.AlreadyExists"/>, also when the names differ by case
    /// alone; <see cref="StoreErrorId.RelativePath"/>; <see cref="StoreErrorId.Busy"/>.</exception>
    public StoreEntry Add(VmDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Check(definition);
        return Guarded(() =>
        {
            CreateDirectories();
            using var storeLock = AcquireStoreLock();
            DurableFile.Sweep(Machines);
            string name = definition.Metadata.Name;
            if (FindStoredName(name) is string existing)
            {
                throw new StoreException(
                    StoreErrorId.AlreadyExists,
                    $"A machine named '{existing}' is in the store already, in '{Path.Combine(Machines, existing)}'.",
                    "Choose another name, or remove that machine first.");
            }

            string temporary = Path.Combine(Machines, DurableFile.TemporaryPrefix + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(temporary, OwnerOnly);
            OnStep?.Invoke(StoreStep.DirectoryCreated);
            Write(temporary, definition);
            Directory.Move(temporary, Path.Combine(Machines, name));
            OnStep?.Invoke(StoreStep.DirectoryRenamed);
            FileDescriptor.SyncDirectory(Machines);
            return new StoreEntry(name, PathOf(name), definition, null);
        });
    }

    /// <summary>The definition of a machine.</summary>
    /// <exception cref="DefinitionException">It is stored, and not valid.</exception>
    /// <exception cref="StoreException"><see cref="StoreErrorId.NotFound"/>, <see cref="StoreErrorId.Unreadable"/>,
    /// <see cref="StoreErrorId.InvalidName"/>.</exception>
    public VmDefinition Get(string name)
    {
        StoreEntry entry = Find(name) ?? throw NotFound(name);
        return entry.Definition ?? throw entry.Error!;
    }

    /// <summary>A machine, or null when there is none of this name.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorId.InvalidName"/>.</exception>
    public StoreEntry? Find(string name)
    {
        Check(name);
        return Guarded(() => FindStoredName(name) is string stored ? Load(stored) : null);
    }

    /// <summary>All machines, by name. A definition that cannot be used is listed with its error and hides no other.</summary>
    public IReadOnlyList<StoreEntry> List() =>
        Guarded(() => StoredNames().Order(VmName.Comparer).Select(Load).OfType<StoreEntry>().ToArray());

    /// <summary>Replaces the definition of a machine that is in the store.</summary>
    /// <exception cref="DefinitionException">The definition is not valid.</exception>
    /// <exception cref="StoreException"><see cref="StoreErrorId.NotFound"/>; <see cref="StoreErrorId.NameMismatch"/>
    /// when only the case of its name differs; <see cref="StoreErrorId.RelativePath"/>; <see cref="StoreErrorId.Busy"/>.</exception>
    public StoreEntry Replace(VmDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Check(definition);
        return Change(definition.Metadata.Name, _ => definition);
    }

    /// <summary>Changes the definition of a machine; nobody else changes it between reading and writing.</summary>
    /// <param name="name">The machine.</param>
    /// <param name="change">Makes the new definition from the present one; quick, since the machine is locked meanwhile.</param>
    /// <exception cref="DefinitionException">The present definition or the new one is not valid.</exception>
    /// <exception cref="StoreException">As for <see cref="Replace"/>.</exception>
    public StoreEntry Update(string name, Func<VmDefinition, VmDefinition> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Check(name);
        return Change(name, stored =>
        {
            StoreEntry entry = Load(stored) ?? throw NotFound(name);
            VmDefinition changed = change(entry.Definition ?? throw entry.Error!);
            Check(changed);
            return changed;
        });
    }

    /// <summary>Removes a machine and all that lies in its directory.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorId.NotFound"/>; <see cref="StoreErrorId.Busy"/>.</exception>
    public void Remove(string name)
    {
        Check(name);
        Guarded(() =>
        {
            if (FindStoredName(name) is null)
            {
                throw NotFound(name);
            }

            CreateDirectories();
            using var storeLock = AcquireStoreLock();
            using var machineLock = AcquireMachineLock(name);
            string stored = FindStoredName(name) ?? throw NotFound(name);
            string retired = Path.Combine(Machines, DurableFile.TemporaryPrefix + Guid.NewGuid().ToString("N"));
            Directory.Move(Path.Combine(Machines, stored), retired);
            OnStep?.Invoke(StoreStep.DirectoryRetired);
            FileDescriptor.SyncDirectory(Machines);
            DurableFile.Sweep(Machines);
            machineLock.Delete();
            return true;
        });
    }

    private StoreEntry Change(string name, Func<string, VmDefinition> newDefinition) => Guarded(() =>
    {
        if (FindStoredName(name) is null)
        {
            throw NotFound(name);
        }

        CreateDirectories();
        using var machineLock = AcquireMachineLock(name);
        if (FindStoredName(name) is not string stored)
        {
            machineLock.Delete();
            throw NotFound(name);
        }

        VmDefinition definition = newDefinition(stored);
        if (definition.Metadata.Name != stored)
        {
            throw new StoreException(
                StoreErrorId.NameMismatch,
                $"The definition is named '{definition.Metadata.Name}', the machine in the store '{stored}'.",
                "Give the definition the machine's name; a machine is renamed by exporting, removing and importing it.");
        }

        string directory = Path.Combine(Machines, stored);
        DurableFile.Sweep(directory);
        Write(directory, definition);
        return new StoreEntry(stored, PathOf(stored), definition, null);
    });

    private void Write(string directory, VmDefinition definition) => DurableFile.Write(
        Path.Combine(directory, FileName), Encoding.UTF8.GetBytes(YamlDefinitionWriter.Write(definition)), OnStep);

    private StoreEntry? Load(string name)
    {
        string path = PathOf(name);
        try
        {
            VmDefinition definition = YamlDefinitionReader.ReadFile(path);
            return definition.Metadata.Name == name
                ? new StoreEntry(name, path, definition, null)
                : new StoreEntry(name, path, null, new StoreException(
                    StoreErrorId.NameMismatch,
                    $"'{path}' is stored as '{name}' and names itself '{definition.Metadata.Name}'.",
                    $"Write 'name: {name}' in the file, or rename its directory."));
        }
        catch (DefinitionException fault)
        {
            return new StoreEntry(name, path, null, fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Removed by another session since its name was read: no entry at all.
            var error = new StoreException(
                StoreErrorId.Unreadable,
                $"The definition of '{name}' cannot be read from '{path}'.",
                "Restore the file, or remove the machine.",
                fault);
            return Directory.Exists(Path.Combine(Machines, name)) ? new StoreEntry(name, path, null, error) : null;
        }
    }

    private string PathOf(string storedName) => Path.Combine(Machines, storedName, FileName);

    private IEnumerable<string> StoredNames() => Directory.Exists(Machines)
        ? Directory.EnumerateDirectories(Machines).Select(d => Path.GetFileName(d)).Where(VmName.IsValid)
        : [];

    /// <summary>The spelling under which a machine is stored, or null.</summary>
    private string? FindStoredName(string name) => Directory.Exists(Path.Combine(Machines, name))
        ? name
        : StoredNames().FirstOrDefault(stored => VmName.Comparer.Equals(stored, name));

    private void CreateDirectories()
    {
        foreach (string directory in (ReadOnlySpan<string>)[Root, Machines, Locks])
        {
            Directory.CreateDirectory(directory, OwnerOnly);
        }
    }

    private StoreLock AcquireStoreLock() => StoreLock.Acquire(Path.Combine(Root, "lock"), LockTimeout);

    private StoreLock AcquireMachineLock(string name) =>
        StoreLock.Acquire(Path.Combine(Locks, name.ToLowerInvariant()), LockTimeout);

    private static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (VmName.FindFault(name) is string fault)
        {
            throw new StoreException(
                StoreErrorId.InvalidName, fault, "Give the name of a machine; Get-StratoVm lists them.");
        }
    }

    private static void Check(VmDefinition definition)
    {
        DefinitionValidator.ThrowIfInvalid(definition);
        if (DefinitionPaths.FindRelativePath(definition) is (string key, string path))
        {
            throw new StoreException(
                StoreErrorId.RelativePath,
                $"'{key}' is {QuotedText.Quote(path)}; a stored definition is used from any location and holds absolute paths.",
                "Give the absolute path.");
        }
    }

    private StoreException NotFound(string name)
    {
        string question = NearestWord.Find(name, StoredNames()) is string nearest ? $"Did you mean '{nearest}'? " : string.Empty;
        return new StoreException(
            StoreErrorId.NotFound,
            $"There is no machine named '{name}' in the store '{Root}'.",
            question + "Get-StratoVm lists the machines there are.");
    }

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                StoreErrorId.StoreUnusable,
                $"The store '{Root}' cannot be used: {fault.Message}",
                $"Check the directory's owner, permissions and free space, or set {StoreRoot.Variable} to another one.",
                fault);
        }
    }
}
