using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Waiting;

/// <summary>Something a machine can be waited for.</summary>
internal abstract class WaitCondition
{
    /// <summary>What it is, for messages: <c>to be Running</c>, <c>to print 'login:'</c>.</summary>
    public abstract string Description { get; }

    /// <summary>Whether it can only come while the machine runs.</summary>
    public abstract bool NeedsGuest { get; }

    /// <summary>Whether it is so now.</summary>
    /// <param name="vm">The machine.</param>
    /// <param name="run">Its run in this process, or null.</param>
    public abstract bool IsMet(StratoVm vm, MachineRun? run);

    /// <summary>Waits a little, at most <paramref name="slice"/>, for something that could change the answer.</summary>
    public abstract void Pause(MachineRun? run, TimeSpan slice, CancellationToken cancellationToken);

    private protected static void Sleep(TimeSpan time, CancellationToken cancellationToken)
    {
        if (cancellationToken.WaitHandle.WaitOne(time))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
