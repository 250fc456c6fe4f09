using System.Management.Automation;
using StratoVirt.Definitions;
using StratoVirt.PowerShell.Binding;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Fleet;
using StratoVirt.Store;

namespace StratoVirt.PowerShell.Commands;

/// <summary>Brings machines to what documents say of them.</summary>
[Cmdlet(VerbsData.Sync, "StratoVm", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StratoVmSync))]
public sealed class SyncStratoVmCommand : StratoCommand
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";
    private const string ByDefinition = "Definition";
    private const string Activity = "Bringing machines to what their documents say";

    private readonly List<string> _scope = [];
    private FleetReader? _reader;

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

    /// <summary>Documents as text; paths in them start at the session's location.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByDefinition)]
    [ValidateNotNullOrEmpty]
    public string[] Definition { get; set; } = [];

    /// <summary>What is wanted of all these machines, instead of what their documents say.</summary>
    [Parameter]
    public StratoWantedState? State { get; set; }

    /// <summary>A name for these machines together, which -Prune goes by instead of the files.</summary>
    [Parameter]
    [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
    public string? Fleet { get; set; }

    /// <summary>Remove machines that a former synchronisation made and no document names any more.</summary>
    [Parameter]
    public SwitchParameter Prune { get; set; }

    /// <summary>Restart machines for what they cannot take while they run.</summary>
    [Parameter]
    public SwitchParameter AllowRestart { get; set; }

    /// <summary>Give each machine that is started a host process, which outlives this session.</summary>
    [Parameter]
    public SwitchParameter Detached { get; set; }

    /// <summary>Seconds a guest has to shut down, or to give a device back.</summary>
    [Parameter]
    [ValidateRange(0, 86400)]
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>Turn off guests that cannot be asked to shut down or do not answer.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private FleetReader Reader => _reader ??= new FleetReader(WriteWarning, Report)
    {
        State = State is { } wanted ? Enum.Parse<WantedState>(wanted.ToString()) : null,
    };

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Prune && Fleet is null && IsGiven(nameof(Definition)))
        {
            ThrowTerminatingError(ErrorRecords.ForArgument(
                CommandErrorId.FleetMissing,
                "-Prune goes by the files that machines came from, and a definition given as text came from none.",
                "Give the fleet a name with -Fleet, now and the next time."));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string text in Definition)
        {
            Reader.AddText(text, SessionState.Path.CurrentFileSystemLocation.ProviderPath);
        }

        bool literal = ParameterSetName == ByLiteralPath;
        foreach (string path in literal ? LiteralPath : Path)
        {
            // Without its files a fleet would be pruned to nothing.
            try
            {
                IReadOnlyList<string> files = literal ? [Paths.Unresolved(SessionState, path)] : Paths.Resolved(SessionState, path);
                _scope.Add(Paths.Unresolved(SessionState, path));
                foreach (string file in files)
                {
                    Reader.AddFile(file);
                }
            }
            catch (Exception missing) when (ErrorRecords.For(missing, path) is { } record)
            {
                ThrowTerminatingError(record);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Reader.Faults != 0)
        {
            ThrowTerminatingError(ErrorRecords.ForArgument(
                CommandErrorId.FleetInvalid,
                $"{Reader.Faults} of the documents cannot be used, as the errors before this one say. Nothing was changed.",
                "Correct the documents, then synchronise again."));
        }

        // Those that go, go first: what they hold of the host is free for the others then.
        (string Name, FleetDocument? Document)[] machines =
        [
            .. Prune ? Catalog.Entries().Where(IsPruned).Select(entry => (entry.Name, (FleetDocument?)null)) : [],
            .. Reader.Documents.Where(document => document.IsAbsent).Select(document => (document.Name, document)),
            .. Reader.Documents.Where(document => !document.IsAbsent).Select(document => (document.Name, document)),
        ];
        for (int i = 0; i < machines.Length; i++)
        {
            if (StopToken.IsCancellationRequested)
            {
                throw new PipelineStoppedException();
            }

            (string name, FleetDocument? document) = machines[i];
            int percent = 100 * i / machines.Length;
            ShowProgress(Activity, name, percent);
            Attempt(name, () => Synchronise(name, document, percent));
        }

        EndProgress(Activity);
    }

    private void Synchronise(string name, FleetDocument? document, int percent)
    {
        var synchronizer = new VmSynchronizer(Catalog, StopToken)
        {
            Limit = TimeSpan.FromSeconds(TimeoutSeconds),
            Force = Force,
            Detached = Detached,
            OnWait = status => ShowProgress(Activity, status, percent),
            OnFault = fault => Report(name, fault),
        };
        VmPresent present = synchronizer.Inspect(name);
        var plan = new VmPlan(Wanted(document, present), present, AllowRestart);
        var result = new StratoVmSync(name, document?.File, plan.Before, plan.After, plan.Changes) { RestartNeeded = plan.RestartNeeded };
        if (plan.DoesAnything)
        {
            string what = $"{name}: {plan.Describe()}";
            bool isDone = ShouldProcess(what, what, Activity, out ShouldProcessReason reason);
            if (!isDone && reason != ShouldProcessReason.WhatIf)
            {
                return;
            }

            result.Changed = true;
            if (isDone)
            {
                CarryOut(synchronizer, name, plan, result);
            }
        }

        if (result.RestartNeeded)
        {
            string[] pending = [.. plan.Changes.Where(change => change.Applied == StratoChangeApplied.Pending).Select(change => change.Path)];
            WriteWarning($"{name} runs on without {string.Join(", ", pending)} until it is restarted; -AllowRestart restarts it.");
        }

        WriteObject(result);
    }

    private void CarryOut(VmSynchronizer synchronizer, string name, VmPlan plan, StratoVmSync result)
    {
        try
        {
            synchronizer.CarryOut(name, plan);
        }
        catch (Exception fault) when (ErrorRecords.For(fault, name) is not null)
        {
            VmPresent left = synchronizer.Inspect(name);
            plan.MarkFailed(left);
            result.Changed = left.Exists != plan.Present.Exists || left.State != plan.Present.State || left.Definition != plan.Present.Definition;
            Report(name, fault);
        }

        result.RestartNeeded |= plan.Hot.Any(hot => hot.Shown.Applied == StratoChangeApplied.Pending);
    }

    private VmDefinition? Wanted(FleetDocument? document, VmPresent present)
    {
        if (document is null or { IsAbsent: true })
        {
            return null;
        }

        // A machine made by hand stays unmarked, whatever documents say of it.
        string? before = FleetMark.Of(present.Definition);
        string? mark = present.Exists && before is null ? null : FleetMark.For(Fleet, document) ?? before;
        if (before is not null && mark != before)
        {
            WriteVerbose($"{document.Name} was kept by '{before}'; '{mark}' keeps it from now on.");
        }

        return FleetMark.With(document.Definition, mark);
    }

    private bool IsPruned(StoreEntry entry) =>
        FleetMark.Of(entry.Definition) is { } mark
        && !Reader.Has(entry.Name)
        && (Fleet is not null ? mark == Fleet : _scope.Any(pattern => IsInScope(pattern, mark)));

    private bool IsInScope(string pattern, string mark) =>
        ParameterSetName == ByLiteralPath ? pattern == mark : FleetMark.Matches(pattern, mark);
}
