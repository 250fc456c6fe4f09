using System.Management.Automation;
using System.Runtime.ExceptionServices;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Validation;
using StratoVirt.Definitions.Yaml;
using StratoVirt.Machine;
using StratoVirt.Machine.Detached;
using StratoVirt.Machine.Host;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Machine.Runtime;
using StratoVirt.PowerShell.Remote;
using StratoVirt.Store;

namespace StratoVirt.PowerShell.Session;

/// <summary>The machines a user has: their definitions in the store, and who runs which.</summary>
internal sealed class VmCatalog
{
    private readonly DefinitionStore _store;
    private readonly RuntimeDirectory _runtime;

    private VmCatalog(DefinitionStore store)
    {
        _store = store;
        _runtime = new RuntimeDirectory(RuntimeDirectory.DefaultRoot, store.Root) { SocketsOf = SocketsOf };
    }

    /// <summary>Root of the store.</summary>
    public string Home => _store.Root;

    private string KernelCache => Path.Combine(Home, "cache", "kernels");

    /// <summary>The user's machines. Read from the environment each time: a script may set STRATOVIRT_HOME.</summary>
    public static VmCatalog Open() => new(new DefinitionStore(DefinitionStore.DefaultRoot));

    /// <summary>The console log of a machine, whether it is there or not.</summary>
    public string ConsoleLogOf(string name) => _runtime.ConsoleLogPath(name);

    /// <summary>The control socket of a machine, whether it is there or not.</summary>
    public string ControlSocketOf(string name) => _runtime.ControlSocketPath(name);

    /// <summary>Who runs a machine of this store, or null.</summary>
    public RuntimeOwner? OwnerOf(string name) =>
        _runtime.Inspect(name) is { } owner && (owner.Home is null || owner.Home == Home) ? owner : null;

    /// <summary>A machine's run: in this process or another; when it does not run, its last one in this process.</summary>
    public MachineRun? RunOf(VmDefinition definition, string path)
    {
        MachineRun? local = RunningMachines.Current.Find(path);
        if (local is { Ended: false })
        {
            return local;
        }

        string name = definition.Metadata.Name;
        string socket = _runtime.ControlSocketPath(name);
        if (OwnerOf(name) is { } owner && owner.ProcessId != Environment.ProcessId && File.Exists(socket))
        {
            return RemoteRuns.Current.Get(path, owner, () => new RemoteRun(
                definition, System.IO.Path.GetDirectoryName(path)!, socket, () => EndOf(name) ?? Unknown));
        }

        RemoteRuns.Current.Forget(path);
        return local;
    }

    /// <summary>How a machine that does not run ended when it last did; null when nothing is known of that.</summary>
    public MachineStatus? LastStatusOf(VmDefinition definition, string path)
    {
        MachineStatus? local = RunningMachines.Current.Find(path)?.Status;
        return EndOf(definition.Metadata.Name) is { } end && !(local?.Since >= end.Since) ? end : local;
    }

    private IEnumerable<string> SocketsOf(string name) => _store.Find(name) is { Definition: { } definition } entry
        ? definition.Spec.ListDevices()
            .Select(device => device switch
            {
                VsockSpec vsock => vsock.Socket,
                ConsolePortSpec port => port.Socket,
                _ => null,
            })
            .OfType<string>()
            .Select(socket => Path.GetFullPath(socket, entry.Directory))
        : [];

    private static MachineStatus Unknown => new(RunState.Shutdown, DateTimeOffset.UtcNow, Cause: ShutdownCause.HostError);

    private MachineStatus? EndOf(string name) => _runtime.FindEnd(name) is { } end
        ? new MachineStatus(
            RunState.Shutdown,
            end.EndedAt,
            end.StartedAt,
            end.Cause,
            Error: end.Problem is { } problem ? new InvalidOperationException(problem) : null)
        : null;

    /// <summary>The machines that match a name or pattern, in the order of their names.</summary>
    /// <param name="pattern">A name, which must exist, or a pattern, which need not match anything.</param>
    /// <param name="onUnusable">Told of machines whose definition cannot be used; the others go on.</param>
    public IEnumerable<StratoVm> Find(string pattern, Action<string, Exception> onUnusable)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
        IEnumerable<StoreEntry> entries = WildcardPattern.ContainsWildcardCharacters(pattern)
            ? _store.List().Where(entry => wildcard.IsMatch(entry.Name))
            : [Require(pattern)];
        foreach (StoreEntry entry in entries)
        {
            if (entry.Error is { } error)
            {
                onUnusable(entry.Name, error);
            }
            else
            {
                yield return new StratoVm(entry, this);
            }
        }
    }

    /// <summary>All that is in the store, usable or not.</summary>
    public IReadOnlyList<StoreEntry> Entries() => _store.List();

    /// <summary>A machine in the store, usable or not; null when there is none of the name.</summary>
    public StoreEntry? Entry(string name) => _store.Find(name);

    /// <summary>A machine that must be there and usable.</summary>
    public StratoVm RequireVm(string name) => Find(WildcardPattern.Escape(name), (_, fault) => ExceptionDispatchInfo.Throw(fault)).First();

    /// <summary>The name under which a machine is stored, or null.</summary>
    public string? StoredName(string name) => _store.Find(name)?.Name;

    /// <summary>Refuses a definition that cannot be used.</summary>
    public static void Check(VmDefinition definition) => DefinitionValidator.ThrowIfInvalid(definition);

    /// <summary>Adds a machine.</summary>
    public StratoVm Add(VmDefinition definition) => new(_store.Add(definition), this);

    /// <summary>Gives a machine another definition.</summary>
    public StratoVm Replace(VmDefinition definition) => new(_store.Replace(definition), this);

    /// <summary>Changes a machine's definition.</summary>
    public StratoVm Update(string name, Func<VmDefinition, VmDefinition> change) => new(_store.Update(name, change), this);

    /// <summary>Removes a machine that does not run, its console log and what is left of its last run.</summary>
    /// <exception cref="MachineException">It runs: <see cref="MachineErrorId.AlreadyRunning"/>.</exception>
    public void Remove(string name)
    {
        StoreEntry entry = Require(name);
        using (_runtime.Acquire(entry.Name))
        {
            _store.Remove(entry.Name);
        }

        RunningMachines.Current.Forget(entry.Path);
        RemoteRuns.Current.Forget(entry.Path);
        _runtime.Clean(entry.Name);
    }

    /// <summary>Starts a machine in this process, from its definition as it is in the store now.</summary>
    public void Start(StratoVm vm)
    {
        StoreEntry entry = Require(vm.Name);
        VmDefinition definition = entry.Definition ?? throw entry.Error!;
        var environment = new MachineEnvironment
        {
            Runtime = _runtime,
            KernelCache = KernelCache,
            BaseDirectory = entry.Directory,
        };
        RunningMachines.Current.Start(entry.Path, () => VirtualMachine.Create(definition, environment));
    }

    /// <summary>Starts a machine in a host process of its own, from its definition as it is in the store now; returns
    /// when it runs.</summary>
    public void StartDetached(StratoVm vm, bool jailed, CancellationToken cancellationToken)
    {
        StoreEntry entry = Require(vm.Name);
        var order = new HostOrder
        {
            Definition = entry.Definition ?? throw entry.Error!,
            BaseDirectory = entry.Directory,
            RuntimeRoot = _runtime.Root,
            StoreHome = Home,
            Jailed = jailed,
        };
        DetachedHosts.Current.Start(order, KernelCache, cancellationToken);
        RunningMachines.Current.Forget(entry.Path);
    }

    /// <summary>Reads a definition from a YAML file.</summary>
    public static VmDefinition ReadFile(string path, Action<string> onWarning) =>
        YamlDefinitionReader.ReadFile(path, warning => onWarning(warning.Format(path)));

    /// <summary>Writes a definition as YAML.</summary>
    public static string ToYaml(VmDefinition definition) => YamlDefinitionWriter.Write(definition);

    /// <summary>What the host offers.</summary>
    public StratoHost InspectHost() => new(HostProbe.Inspect(new MachineEnvironment()), Home, _runtime.Root);

    // Only the store's own error knows which name was probably meant; it is got by asking for what is not there.
    private StoreEntry Require(string name)
    {
        while (true)
        {
            if (_store.Find(name) is { } entry)
            {
                return entry;
            }

            _store.Get(name);
        }
    }
}
