using System.Runtime.InteropServices;

namespace StratoVirt.Shell.Running;

/// <summary>Ctrl-C stops the running command; SIGTERM and SIGHUP end the session in order, so that what it holds
/// (virtual machines among it) is closed and not torn down.</summary>
internal sealed class SessionSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="interrupt">Called for Ctrl-C; false lets the signal end the process.</param>
    /// <param name="terminate">Called with the exit code for the other two; ends the process.</param>
    public SessionSignals(Func<bool> interrupt, Action<int> terminate)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = interrupt()),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, ExitCodes.Terminated)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => End(signal, ExitCodes.HungUp)),
        ];

        void End(PosixSignalContext signal, int code)
        {
            signal.Cancel = true;
            terminate(code);
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }
}
