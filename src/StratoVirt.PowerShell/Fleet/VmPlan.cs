using System.Collections.Immutable;
using System.Text.Json.Nodes;
using StratoVirt.Definitions;
using StratoVirt.Definitions.Changes;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Fleet;

/// <summary>What there is of a machine now.</summary>
/// <param name="Exists">Whether it is in the store.</param>
/// <param name="Definition">Its definition; null when it is not there or cannot be used.</param>
/// <param name="State">What it does.</param>
/// <param name="Live">What it runs with, where this process can tell.</param>
internal sealed record VmPresent(bool Exists, VmDefinition? Definition, StratoVmState State, LiveMachine? Live)
{
    /// <summary>Whether it runs in some way.</summary>
    public bool IsLive => State != StratoVmState.Stopped;

    /// <summary>What it does, in a word.</summary>
    public string Word => !Exists ? VmPlan.AbsentWord : State == StratoVmState.InternalError ? "internal-error" : VmPlan.Word(State);
}

/// <summary>What has to be done to make one machine what it shall be. Made before anything is done.</summary>
internal sealed class VmPlan
{
    public const string AbsentWord = "absent";
    private const string StatePath = "state";

    private readonly List<StratoVmChange> _changes = [];

    /// <summary>Plans.</summary>
    /// <param name="wanted">What the machine shall be; null for not there.</param>
    /// <param name="present">What it is.</param>
    /// <param name="allowRestart">Whether it may be restarted for what it cannot take while it runs.</param>
    public VmPlan(VmDefinition? wanted, VmPresent present, bool allowRestart)
    {
        Wanted = wanted;
        Present = present;
        if (wanted is null)
        {
            Remove = present.Exists;
        }
        else
        {
            Create = !present.Exists;
            Stop = wanted.Spec.State == WantedState.Stopped && present.IsLive;
            Start = wanted.Spec.State == WantedState.Running && !present.IsLive;
            Resume = wanted.Spec.State == WantedState.Running && present.State == StratoVmState.Paused;
            PlanDefinition(wanted, allowRestart);
        }

        PlanState();
    }

    /// <summary>What it shall be; null for not there.</summary>
    public VmDefinition? Wanted { get; }

    /// <summary>What it is.</summary>
    public VmPresent Present { get; }

    /// <summary>All differences, and how each is to be dealt with.</summary>
    public IReadOnlyList<StratoVmChange> Changes => _changes;

    /// <summary>Add it to the store.</summary>
    public bool Create { get; }

    /// <summary>Give it its definition.</summary>
    public bool Store { get; private set; }

    /// <summary>The running machine takes these over.</summary>
    public ImmutableArray<(DefinitionChange Change, StratoVmChange Shown)> Hot { get; private set; } = [];

    /// <summary>Shut it down and start it again.</summary>
    public bool Restart { get; private set; }

    /// <summary>Shut it down.</summary>
    public bool Stop { get; }

    /// <summary>Start it.</summary>
    public bool Start { get; }

    /// <summary>Let it go on.</summary>
    public bool Resume { get; }

    /// <summary>Shut it down if it runs, and remove it.</summary>
    public bool Remove { get; }

    /// <summary>Something of it waits for a restart that is not made.</summary>
    public bool RestartNeeded { get; private set; }

    /// <summary>Whether there is anything to do.</summary>
    public bool DoesAnything => Create || Store || !Hot.IsEmpty || Restart || Stop || Start || Resume || Remove;

    /// <summary>What it was, as YAML; null for not there, or not usable.</summary>
    public string? Before => (Store || Hot.IsEmpty ? Present.Definition : Present.Live!.Definition) is { } before ? VmCatalog.ToYaml(before) : null;

    /// <summary>What it will be, as YAML; null for not there.</summary>
    public string? After => Wanted is null ? null : VmCatalog.ToYaml(Wanted);

    /// <summary>What is to be done, in a line.</summary>
    public string Describe()
    {
        string[] words =
        [
            .. Create ? ["create"] : Array.Empty<string>(),
            .. Store || !Hot.IsEmpty ? ["change"] : Array.Empty<string>(),
            .. Restart ? ["restart"] : Array.Empty<string>(),
            .. Stop || (Remove && Present.IsLive) ? ["shut down"] : Array.Empty<string>(),
            .. Start ? ["start"] : Array.Empty<string>(),
            .. Resume ? ["resume"] : Array.Empty<string>(),
            .. Remove ? ["remove"] : Array.Empty<string>(),
        ];
        string line = string.Join(", ", words);
        return char.ToUpperInvariant(line[0]) + line[1..] + (_changes.Count == 0 ? string.Empty : ": " + string.Join("; ", _changes));
    }

    /// <summary>Marks what has not come about, after something ended the plan's carrying out.</summary>
    /// <param name="left">What there is of the machine then.</param>
    public void MarkFailed(VmPresent left)
    {
        bool isStored = left.Definition is not null && left.Definition == Wanted;
        foreach (StratoVmChange change in _changes)
        {
            bool isDone = change.Path == StatePath ? left.Word == change.After
                : change.Applied == StratoChangeApplied.Restart ? left.IsLive && isStored && left.Live?.Definition.Spec == Wanted!.Spec
                : isStored;
            change.Applied = isDone ? change.Applied : StratoChangeApplied.Failed;
        }
    }

    /// <summary>A state as documents and diffs have it.</summary>
    public static string Word(StratoVmState state) => state.ToString().ToLowerInvariant();

    private void PlanDefinition(VmDefinition wanted, bool allowRestart)
    {
        if (Create)
        {
            return;
        }

        if (Present.Definition is not { } stored)
        {
            Store = true;
            _changes.Add(new StratoVmChange("definition", "unusable", "usable", StratoChangeApplied.Stored));
            return;
        }

        ImmutableArray<DefinitionChange> toStore = DefinitionDiff.Between(stored, wanted);
        Store = !toStore.IsEmpty;
        ImmutableArray<DefinitionChange> toTake = !Present.IsLive || Stop ? []
            : [.. (Present.Live is { } live ? DefinitionDiff.Between(live, wanted) : toStore).Where(change => change.Effect != ChangeEffect.Record)];
        bool isFaulty = Present.State == StratoVmState.InternalError;
        bool needsRestart = (isFaulty && wanted.Spec.State == WantedState.Running)
            || toTake.Any(change => change.Effect == ChangeEffect.Restart || (change.Effect == ChangeEffect.Hot && !CanTake));
        Restart = needsRestart && allowRestart;
        RestartNeeded = needsRestart && !allowRestart;
        var hot = ImmutableArray.CreateBuilder<(DefinitionChange, StratoVmChange)>();
        foreach (DefinitionChange change in toTake)
        {
            StratoChangeApplied applied = Restart ? StratoChangeApplied.Restart
                : change.Effect == ChangeEffect.Hot && CanTake ? StratoChangeApplied.Hot
                : StratoChangeApplied.Pending;
            StratoVmChange shown = Show(change, applied);
            _changes.Add(shown);
            if (applied == StratoChangeApplied.Hot)
            {
                hot.Add((change, shown));
            }
        }

        Hot = hot.ToImmutable();
        var dealtWith = toTake.Select(change => change.Path).ToHashSet();
        _changes.AddRange(toStore.Where(change => !dealtWith.Contains(change.Path)).Select(change => Show(change, StratoChangeApplied.Stored)));
    }

    /// <summary>A machine with a fault, or in another process, is told nothing.</summary>
    private bool CanTake => Present.Live is not null && Present.State != StratoVmState.InternalError;

    private void PlanState()
    {
        string after = (Create, Remove) switch
        {
            (_, true) => AbsentWord,
            (true, _) when !Start => Word(StratoVmState.Stopped),
            _ => Start || Resume || Restart ? Word(StratoVmState.Running)
                : Stop ? Word(StratoVmState.Stopped) : Present.Word,
        };
        if (Wanted is not null || Present.Exists)
        {
            if (after != Present.Word)
            {
                _changes.Add(new StratoVmChange(StatePath, Present.Word, after, Restart ? StratoChangeApplied.Restart : Applied(after)));
            }
            else if (RestartNeeded && Present.State == StratoVmState.InternalError)
            {
                _changes.Add(new StratoVmChange(StatePath, Present.Word, Word(StratoVmState.Running), StratoChangeApplied.Pending));
            }
        }
    }

    // A machine that neither ran nor runs is only a definition.
    private StratoChangeApplied Applied(string after) =>
        Present.IsLive || after == Word(StratoVmState.Running) ? StratoChangeApplied.Hot : StratoChangeApplied.Stored;

    private static StratoVmChange Show(DefinitionChange change, StratoChangeApplied applied) =>
        new(change.Path, Plain(change.Before), Plain(change.After), applied);

    // Text without the quotes and escapes that it has as JSON.
    private static string? Plain(string? json) =>
        json is ['"', ..] ? JsonNode.Parse(json)!.GetValue<string>() : json;
}
