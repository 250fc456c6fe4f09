namespace StratoVirt.Machine.Jail;

/// <summary>What a process inside a jail cannot see of itself.</summary>
/// <param name="ProcessId">Its number on the host; inside it is the first process.</param>
/// <param name="ProcessStartTicks">When it started, in clock ticks since the host booted: tells numbers used again apart.</param>
/// <param name="User">The user and group it is to become when the machine is built.</param>
/// <param name="Lease">The inherited descriptor that holds the machine's lease.</param>
public sealed record JailIdentity(int ProcessId, ulong ProcessStartTicks, uint User, int Lease)
{
    /// <summary>The identity of a process, seen from the host.</summary>
    /// <exception cref="MachineException"><see cref="MachineErrorId.HostFailed"/>: there is no such process.</exception>
    public static JailIdentity Of(int processId, uint user, int lease) => new(
        processId,
        Runtime.ProcessIdentity.StartTicksOf(processId)
            ?? throw new MachineException(MachineErrorId.HostFailed, $"Process {processId} ended before it began.", "Read the host's log."),
        user,
        lease);
}
