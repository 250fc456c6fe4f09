using System.Collections.Concurrent;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.PowerShell.Remote;

/// <summary>The machines of other processes that this one has talked to, so that each look need not connect anew, by the
/// directory of their definition.</summary>
internal sealed class RemoteRuns
{
    private readonly ConcurrentDictionary<string, (RuntimeOwner Owner, RemoteRun Run)> _runs = new(StringComparer.Ordinal);

    /// <summary>Those of this process.</summary>
    public static RemoteRuns Current { get; } = new();

    /// <summary>The run of a machine by its present owner.</summary>
    public RemoteRun Get(string path, RuntimeOwner owner, Func<RemoteRun> create)
    {
        (RuntimeOwner Owner, RemoteRun Run) known = _runs.GetOrAdd(path, _ => (owner, create()));
        if (known.Owner == owner)
        {
            return known.Run;
        }

        // Another life of it.
        known.Run.Dispose();
        return _runs.AddOrUpdate(path, _ => (owner, create()), (_, other) => other.Owner == owner ? other : (owner, create())).Run;
    }

    /// <summary>Drops what is left of a machine that is removed.</summary>
    public void Forget(string path)
    {
        if (_runs.TryRemove(path, out (RuntimeOwner Owner, RemoteRun Run) known))
        {
            known.Run.Dispose();
        }
    }
}
