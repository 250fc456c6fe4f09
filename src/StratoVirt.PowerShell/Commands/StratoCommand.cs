using System.Management.Automation;
using System.Runtime.ExceptionServices;
using StratoVirt.PowerShell.Errors;
using StratoVirt.PowerShell.Session;

namespace StratoVirt.PowerShell.Commands;

/// <summary>What all cmdlets of this module share: cancellation by Ctrl-C, the machines, and the shape of an error.</summary>
public abstract class StratoCommand : PSCmdlet, IDisposable
{
    private const int ProgressId = 1;

    private readonly CancellationTokenSource _stopping = new();
    private VmCatalog? _catalog;

    /// <summary>Cancelled when the pipeline is stopped.</summary>
    protected CancellationToken StopToken => _stopping.Token;

    /// <summary>The store, and what runs.</summary>
    internal VmCatalog Catalog => _catalog ??= VmCatalog.Open();

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Stopping comes from another thread and can find the cmdlet finished.
        }
    }

    /// <summary>Does one thing for one target; what goes wrong with it becomes an error of that target alone.</summary>
    protected void Attempt(object? target, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            action();
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception failure) when (ErrorRecords.For(failure, target) is { } record)
        {
            WriteError(record);
        }
    }

    /// <summary>Reports what went wrong with one target, unless it is no error this module knows: that one goes on.</summary>
    protected void Report(object? target, Exception failure)
    {
        if (ErrorRecords.For(failure, target) is not { } record)
        {
            ExceptionDispatchInfo.Throw(failure);
            return;
        }

        WriteError(record);
    }

    /// <summary>Shows how long something has taken, on the pipeline's thread.</summary>
    protected void ShowProgress(string activity, string status, int percent = -1, int secondsLeft = -1) =>
        WriteProgress(new ProgressRecord(ProgressId, activity, status) { PercentComplete = percent, SecondsRemaining = secondsLeft });

    /// <summary>Takes the progress away.</summary>
    protected void EndProgress(string activity) =>
        WriteProgress(new ProgressRecord(ProgressId, activity, "done") { RecordType = ProgressRecordType.Completed });

    /// <summary>Whether the user gave the parameter, with whatever value.</summary>
    protected bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>Releases what the cmdlet holds.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }
}
