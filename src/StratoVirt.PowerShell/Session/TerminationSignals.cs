using System.Runtime.InteropServices;

namespace StratoVirt.PowerShell.Session;

/// <summary>
/// Hears that the process is told to end from outside: by kill(1) or a service manager, or because its terminal is gone.
/// Since .NET 10 the runtime leaves that to the kernel, which ends the process on the spot: guests would lose what they
/// have not written yet. After the call the process ends by the signal, as it would have; a host that has a handler of
/// its own ends as that one says.
/// </summary>
/// <remarks>A signal the process was started to ignore, as nohup(1) does, stays ignored: .NET installs nothing for it.</remarks>
internal sealed class TerminationSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _heard;

    /// <param name="ending">Called once, on a thread of its own; a second signal does not wait for it.</param>
    public TerminationSignals(Action<PosixSignal> ending)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Hear),
        ];

        void Hear(PosixSignalContext context)
        {
            if (Interlocked.Exchange(ref _heard, 1) == 0)
            {
                ending(context.Signal);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }
}
