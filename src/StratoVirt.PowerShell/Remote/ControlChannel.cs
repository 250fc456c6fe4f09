using StratoVirt.Control;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;

namespace StratoVirt.PowerShell.Remote;

/// <summary>
/// A connection to a machine's control socket, made when it is first needed and made anew after it broke, for one
/// caller at a time. What the machine refuses comes out as the error it would be in this process.
/// </summary>
internal sealed class ControlChannel(string machine, string socketPath) : IDisposable
{
    private readonly Lock _gate = new();
    private ControlClient? _client;

    /// <summary>Has a command carried out.</summary>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <param name="beside">Descriptors that go with it; still the caller's.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="MachineException">The machine's own error; <see cref="MachineErrorId.ControlUnreachable"/>: its
    /// process has ended; <see cref="MachineErrorId.Timeout"/>: it does not answer.</exception>
    public TResult Execute<TArguments, TResult>(
        QmpCommand<TArguments, TResult> command,
        TArguments arguments,
        TimeSpan timeout,
        IEnumerable<FileDescriptor>? beside = null,
        CancellationToken cancellationToken = default) =>
        Use(timeout, client => client.Execute(command, arguments, timeout, beside, cancellationToken), cancellationToken);

    /// <summary>Waits for something to happen to the machine; returns when it did, or the time passed.</summary>
    /// <exception cref="MachineException">As <see cref="Execute"/>.</exception>
    public void AwaitEvent(TimeSpan timeout, CancellationToken cancellationToken) =>
        Use(timeout, client => client.TakeEvent(timeout, cancellationToken), cancellationToken);

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Drop();
        }
    }

    private T Use<T>(TimeSpan timeout, Func<ControlClient, T> use, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            try
            {
                _client ??= ControlClient.Connect(socketPath, timeout, cancellationToken);
                return use(_client);
            }
            catch (QmpException refused)
            {
                throw Translate(refused);
            }
            catch (MachineException)
            {
                // Broken, or an answer is still to come that nobody waits for.
                Drop();
                throw;
            }
        }
    }

    private void Drop()
    {
        _client?.Dispose();
        _client = null;
    }

    private MachineException Translate(QmpException refused) =>
        Enum.TryParse(refused.Id, out MachineErrorId id)
            ? new MachineException(id, refused.Message, refused.RecommendedAction ?? "", refused)
            : new MachineException(
                MachineErrorId.ControlRefused,
                $"Machine '{machine}' refused: {refused.Message}",
                refused.RecommendedAction ?? "See what its process can do with Invoke-StratoQmp query-commands.",
                refused);
}
