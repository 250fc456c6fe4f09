using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using StratoVirt.Control;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.PowerShell.Session;

/// <summary>
/// The machines that run in this process, by the directory of their definition. All runspaces of the process share
/// them, so that a machine started in a thread job can be driven from the prompt.
/// </summary>
internal sealed class RunningMachines
{
    private readonly ConcurrentDictionary<string, LocalRun> _runs = new(StringComparer.Ordinal);

    /// <summary>Those of this process.</summary>
    public static RunningMachines Current { get; } = new();

    /// <summary>The last run of a machine in this process, or null.</summary>
    public LocalRun? Find(string directory) => _runs.GetValueOrDefault(directory);

    /// <summary>The runs that have not ended.</summary>
    public IEnumerable<LocalRun> Live => _runs.Values.Where(run => !run.Ended);

    /// <summary>Builds a machine, serves its control socket, lets it run, and keeps it. On an exception nothing is kept.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "Kept in the table; disposed here only when it never ran. The server ends with its machine.")]
    public void Start(string directory, Func<VirtualMachine> build)
    {
        VirtualMachine machine = build();
        try
        {
            if (machine.ControlSocketPath is { } socket)
            {
                // It ends with the machine.
                ControlServer.Start(machine, socket);
            }

            machine.Start();
        }
        catch
        {
            machine.Dispose();
            throw;
        }

        // The lease of the name, taken by the build, already keeps two starts apart.
        var run = new LocalRun(machine);
        LocalRun? before = null;
        _runs.AddOrUpdate(directory, run, (_, old) =>
        {
            before = old;
            return run;
        });
        before?.Machine.Dispose();
    }

    /// <summary>Drops what is left of a machine that has ended.</summary>
    public void Forget(string directory)
    {
        if (_runs.TryGetValue(directory, out LocalRun? run) && run.Ended && _runs.TryRemove(new(directory, run)))
        {
            run.Machine.Dispose();
        }
    }

    /// <summary>Ends all machines: presses their power buttons, waits, and turns off those still there.</summary>
    /// <param name="grace">How long all of them together may take to shut down.</param>
    /// <param name="occasion">What ends them, for the warning: <c>Leaving this session</c>.</param>
    /// <param name="warn">Told once which machines this ends, if any.</param>
    public void StopAll(TimeSpan grace, string occasion, Action<string> warn)
    {
        LocalRun[] live = [.. Live];
        if (live.Length == 0)
        {
            return;
        }

        warn($"{occasion} stops {live.Length} machine(s): {string.Join(", ", live.Select(run => run.Name).Order(StringComparer.Ordinal))}.");
        LocalRun[] asked = [.. live.Where(run => PressPowerButton(run.Machine))];
        long deadline = Environment.TickCount64 + (long)grace.TotalMilliseconds;
        foreach (LocalRun run in asked)
        {
            var left = TimeSpan.FromMilliseconds(Math.Max(0, deadline - Environment.TickCount64));
            run.WaitFor(status => status.State is RunState.Shutdown or RunState.InternalError, left);
        }

        foreach (LocalRun run in live)
        {
            run.Machine.Dispose();
        }
    }

    // Nobody is to be asked in a machine that has a fault, has no power button, or ends on its own in this moment.
    private static bool PressPowerButton(VirtualMachine machine)
    {
        try
        {
            if (machine.Status.State == RunState.Paused)
            {
                machine.Resume();
            }

            machine.RequestPowerDown();
            return true;
        }
        catch (MachineException refused) when (refused.Id == MachineErrorId.InvalidState)
        {
            return false;
        }
    }
}
