using StratoVirt.Backends.Char;
using StratoVirt.Definitions;
using StratoVirt.Linux.Threads;
using StratoVirt.Machine.Runtime;

namespace StratoVirt.Machine;

/// <summary>The console of a machine: bounded history, live output, input. History stays readable after the machine's
/// end; input then goes nowhere.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The machine closes its console; those who hold one may not.")]
public sealed class VmConsole
{
    private readonly ConsoleBuffer _buffer;
    private readonly ConsoleLog? _log;
    private CharInput? _input;

    private VmConsole(ConsoleBuffer buffer, ConsoleLog? log)
    {
        _buffer = buffer;
        _log = log;
    }

    /// <summary>Bytes the guest has printed in all, since the machine was built.</summary>
    public long Written => _buffer.Written;

    /// <summary>Whether the machine has ended: nothing more will be printed.</summary>
    public bool IsComplete => _buffer.IsComplete;

    /// <summary>What keeps the log from being written, or null.</summary>
    public string? LogProblem => _log?.Status.Problem;

    /// <summary>Where the serial port prints.</summary>
    internal ICharBackend Backend => _buffer;

    /// <summary>Copies history from an absolute position.</summary>
    /// <param name="position">Byte position in the whole output; moved up to the oldest byte kept when that is later,
    /// and behind the bytes returned.</param>
    /// <param name="destination">Filled from the start.</param>
    /// <returns>Bytes copied; 0 when there is nothing new.</returns>
    public int Read(ref long position, Span<byte> destination) => _buffer.Read(ref position, destination);

    /// <summary>Waits for output behind a position, for the end of the machine, or for the time to pass.</summary>
    /// <returns>True when there is something to read at <paramref name="position"/>.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool WaitForOutput(long position, TimeSpan timeout, CancellationToken cancellationToken) =>
        _buffer.WaitForOutput(position, timeout, cancellationToken);

    /// <summary>Has somebody told once that there may be output behind a position, or that the machine has ended. On
    /// the guest's own threads: <paramref name="ready"/> returns at once.</summary>
    public void Watch(long position, Action ready) => _buffer.Watch(position, ready);

    /// <summary>Forgets somebody who was to be told.</summary>
    public void Unwatch(Action ready) => _buffer.Unwatch(ready);

    /// <summary>Types bytes into the guest, waiting for room in the device.</summary>
    /// <returns>Bytes taken; fewer than given when the time passed, or the machine ended, with the guest not reading.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; a part may have been taken.</exception>
    public int Send(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken) =>
        _input?.Send(data, timeout, cancellationToken) ?? 0;

    /// <summary>Makes a console, logging into the lease's directory if the definition wants a log and there is one.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.RuntimeDirectory"/>: the log cannot be opened.</exception>
    internal static VmConsole Create(ConsoleSpec spec, RuntimeLease? lease, IThreadGuard? guard)
    {
        var buffer = new ConsoleBuffer((int)spec.History.Bytes);
        if (!spec.Log || lease is null)
        {
            return new VmConsole(buffer, null);
        }

        try
        {
            return new VmConsole(buffer, ConsoleLog.Open(buffer, lease.ConsoleLogPath, (long)spec.LogLimit.Bytes, guard));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new MachineException(
                MachineErrorId.RuntimeDirectory,
                $"The console log '{lease.ConsoleLogPath}' cannot be opened.",
                "Make the directory writable and its disk roomy, or set spec.console.log to false.",
                cause);
        }
    }

    /// <summary>Makes a console for a port, with the usual history and no log.</summary>
    internal static VmConsole CreateForPort() => new(new ConsoleBuffer((int)new ConsoleSpec().History.Bytes), null);

    /// <summary>Connects the keyboard side.</summary>
    internal void Connect(ICharFrontend serial) => _input = new CharInput(serial);

    /// <summary>Says that nothing more will be printed, and writes the rest of the log.</summary>
    internal void Close()
    {
        _buffer.Complete();
        _input?.Complete();
        _log?.Dispose();
    }
}
