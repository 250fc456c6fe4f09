using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.PowerShell.Remote;

/// <summary>A machine's status as it crosses the control socket, back in the engine's types.</summary>
internal static class RemoteStatus
{
    /// <summary>Converts one.</summary>
    public static MachineStatus Read(VendorStatus status) => new(
        status.State switch
        {
            QmpRunState.Prelaunch => RunState.Prelaunch,
            QmpRunState.Running => RunState.Running,
            QmpRunState.Paused => RunState.Paused,
            QmpRunState.InternalError => RunState.InternalError,
            _ => RunState.Shutdown,
        },
        status.Since,
        status.StartedAt,
        Enum.GetValues<ShutdownCause>().FirstOrDefault(cause => cause.ToQmp() == status.Cause),
        status.Fault is { } fault ? Read(fault) : null,
        status.Error is { } error ? Read(error) : null,
        status.Resets);

    private static VcpuFault Read(VendorFault fault) => new(
        fault.Cpu,
        fault.Reason,
        fault.ExitReason,
        [.. fault.Registers.Select(register => KeyValuePair.Create(register.Name, register.Value))],
        [.. fault.Instruction],
        fault.Hint);

    private static MachineException Read(VendorError error) => new(
        Enum.TryParse(error.Id, out MachineErrorId id) ? id : MachineErrorId.HostFailed, error.Message, error.RecommendedAction ?? "");
}
