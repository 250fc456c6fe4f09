using System.Diagnostics;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;

namespace StratoVirt.PowerShell.Session;

/// <summary>A guest whose power button was pressed, and the time it has to shut down.</summary>
internal static class PowerDown
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    // A guest that is still booting loses a press: it has no driver for the button yet.
    private static readonly TimeSpan PressAgain = TimeSpan.FromSeconds(5);

    /// <summary>Waits until the machine has ended, met a fault, or the time is over; presses again now and then.</summary>
    /// <param name="run">The machine.</param>
    /// <param name="clock">Since when its time runs.</param>
    /// <param name="limit">Its time.</param>
    /// <param name="onWait">Told the time passed, again and again.</param>
    /// <param name="token">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Await(MachineRun run, Stopwatch clock, TimeSpan limit, Action<TimeSpan> onWait, CancellationToken token)
    {
        TimeSpan nextPress = clock.Elapsed + PressAgain;
        while (!IsOver(run.Status) && clock.Elapsed < limit)
        {
            TimeSpan passed = clock.Elapsed;
            onWait(passed);
            run.WaitFor(IsOver, limit - passed < Slice ? limit - passed : Slice, token);
            if (clock.Elapsed >= nextPress)
            {
                nextPress += PressAgain;
                PressOnceMore(run);
            }
        }
    }

    private static bool IsOver(MachineStatus status) => status.State is RunState.Shutdown or RunState.InternalError;

    private static void PressOnceMore(MachineRun run)
    {
        try
        {
            run.RequestPowerDown();
        }
        catch (MachineException ended) when (ended.Id == MachineErrorId.InvalidState)
        {
            // It shut down between the look and the press: what was waited for.
        }
    }
}
