namespace StratoVirt.Machine.Lifecycle;

/// <summary>One verb on its way through the state driver, and how it ended.</summary>
/// <param name="verb">What is asked.</param>
/// <param name="change">What <see cref="MachineVerb.Change"/> is to do.</param>
/// <param name="completed">Told, mostly on the driver's thread, that it was carried out, or why not. It returns quickly.</param>
internal sealed class DriverRequest(MachineVerb verb, Action? change = null, Action<Exception?>? completed = null) : IDisposable
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
        completed?.Invoke(failure);
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
