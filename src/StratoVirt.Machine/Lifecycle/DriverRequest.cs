namespace StratoVirt.Machine.Lifecycle;

/// <summary>One verb on its way through the state driver, and how it ended.</summary>
internal sealed class DriverRequest(MachineVerb verb, Action? change = null) : IDisposable
{
    private readonly ManualResetEventSlim _done = new();
    private Exception? _failure;

    /// <summary>What is asked.</summary>
    public MachineVerb Verb { get; } = verb;

    /// <summary>What <see cref="MachineVerb.Change"/> is to do.</summary>
    public Action? Change { get; } = change;

    /// <summary>Marks the request as carried out, or as failed.</summary>
    public void Complete(Exception? failure = null)
    {
        _failure = failure;
        _done.Set();
    }

    /// <summary>Waits until it is carried out.</summary>
    /// <exception cref="MachineException">It was refused or failed; a change may throw others.</exception>
    public void Wait()
    {
        _done.Wait();
        if (_failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _done.Dispose();
}
