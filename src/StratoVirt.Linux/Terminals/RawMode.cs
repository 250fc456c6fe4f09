using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Terminals;

/// <summary>
/// A terminal in raw mode. It gets its settings back when this is disposed, when the process exits, and when a signal
/// is about to end it: a shell in a terminal that echoes nothing is of no use to anybody.
/// </summary>
public sealed class RawMode : IDisposable
{
    private static readonly PosixSignal[] Ends = [PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    private readonly FileDescriptor _device;
    private readonly Lock _gate = new();
    private readonly PosixSignalRegistration[] _signals;
    private termios _before;
    private bool _restored;

    internal RawMode(FileDescriptor device, termios before)
    {
        _device = device;
        _before = before;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        _signals = [.. Ends.Select(signal => PosixSignalRegistration.Create(signal, _ => Restore()))];
    }

    /// <summary>Gives the terminal its settings back. May be called more than once.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        Restore();
    }

    private void OnExit(object? sender, EventArgs e) => Restore();

    private void Restore()
    {
        lock (_gate)
        {
            if (!_restored && !_device.IsClosed)
            {
                // A terminal that has hung up has nothing to restore.
                _ = LibC.ioctl(_device, LibC.TCSETS, ref _before);
            }

            _restored = true;
        }
    }
}
