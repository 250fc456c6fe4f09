using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using StratoVirt.Machine;
using StratoVirt.Machine.Detached;

namespace StratoVirt.PowerShell.Session;

/// <summary>
/// The host processes that this session has started. They outlive it; until then the kernel keeps each that ends until
/// this session, its parent, has taken notice.
/// </summary>
internal sealed class DetachedHosts
{
    private const string ProgramName = "stratovirt";

    private readonly ConcurrentDictionary<int, DetachedHost> _hosts = [];
    private readonly Lock _gate = new();
    private PosixSignalRegistration? _childEnded;

    /// <summary>Those of this process.</summary>
    public static DetachedHosts Current { get; } = new();

    /// <summary>Where the build puts the host program: beside the cmdlets.</summary>
    private static string Program => Path.Combine(
        Path.GetDirectoryName(typeof(DetachedHosts).Assembly.Location) ?? string.Empty, ProgramName);

    /// <summary>Starts a host; returns when its machine runs.</summary>
    /// <exception cref="MachineException">The host's own error, or there is no host program.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "Kept until it ends; a host is disposed of only to end it.")]
    public void Start(HostOrder order, string kernelCache, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
        {
            throw new MachineException(
                MachineErrorId.HostMissing,
                $"There is no host program at '{Program}': this build of the module has none.",
                "Install clang or gcc, lld and zlib1g-dev and run build.ps1 -Task Build; or start the machine without -Detached.");
        }

        lock (_gate)
        {
            _childEnded ??= PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => TakeNotice());
        }

        DetachedHost host = DetachedHost.Start(Program, order, kernelCache, cancellationToken);
        _hosts[host.ProcessId] = host;

        // It may have ended before it was in the table.
        TakeNotice();
    }

    private void TakeNotice()
    {
        foreach ((int id, DetachedHost host) in _hosts)
        {
            if (host.HasEnded)
            {
                _hosts.TryRemove(id, out _);
            }
        }
    }
}
