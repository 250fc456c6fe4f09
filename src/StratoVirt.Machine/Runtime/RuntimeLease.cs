using StratoVirt.Linux.Handles;
using StratoVirt.Machine.Jail;

namespace StratoVirt.Machine.Runtime;

/// <summary>The right to run the machine of one name, held until disposed or until the process ends, however it ends.</summary>
public sealed class RuntimeLease : IDisposable
{
    private readonly RuntimeLock _lock;

    internal RuntimeLease(string directory, RuntimeOwner owner, RuntimeLock @lock)
    {
        Directory = directory;
        Owner = owner;
        _lock = @lock;
    }

    /// <summary>The machine's own directory, mode 0700.</summary>
    public string Directory { get; }

    /// <summary>What other sessions read about this machine's holder.</summary>
    public RuntimeOwner Owner { get; }

    /// <summary>Where the console log goes. The file outlives the lease, so that a machine's last words can be read.</summary>
    public string ConsoleLogPath => Path.Combine(Directory, RuntimeDirectory.ConsoleLogName);

    /// <summary>Notes how the machine ended, for whoever asks after it later.</summary>
    /// <exception cref="IOException">The directory is gone or full.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    internal void RecordEnd(Lifecycle.MachineStatus last) => EndFile.Write(Directory, RuntimeEnd.Of(Owner, last));

    /// <summary>Where the machine's control socket belongs.</summary>
    public string ControlSocketPath => Path.Combine(Directory, RuntimeDirectory.ControlSocketName);

    /// <summary>A descriptor that holds the lease as this object does, for a program to inherit: the lease is over when
    /// both are closed.</summary>
    /// <exception cref="Linux.LinuxException">The process has no descriptor left.</exception>
    public FileDescriptor Share() => _lock.Share();

    /// <summary>Names the process that has inherited the lease as its holder. This object is left alone then: disposing
    /// of it would end the other's lease.</summary>
    /// <exception cref="IOException">The directory is gone or full.</exception>
    public void HandOver(JailIdentity heir)
    {
        ArgumentNullException.ThrowIfNull(heir);
        OwnerFile.Write(Directory, Owner with { ProcessId = heir.ProcessId, ProcessStartTicks = heir.ProcessStartTicks });
    }

    /// <summary>Gives the name back. May be called more than once.</summary>
    public void Dispose() => _lock.Dispose();
}
