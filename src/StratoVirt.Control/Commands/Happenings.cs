using StratoVirt.Machine.Lifecycle;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>Turns what happens to a machine into QMP's events. On the control thread, in the order it happened.</summary>
/// <param name="context">The machine.</param>
/// <param name="status">How the machine stands at first.</param>
/// <param name="broadcast">Does something for each client.</param>
internal sealed class Happenings(ControlContext context, MachineStatus status, Action<Action<QmpServerSession>> broadcast)
{
    private const long BalloonIntervalMs = 1000;
    private static readonly TimeSpan DiskInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, DateTimeOffset> _diskTold = new(StringComparer.OrdinalIgnoreCase);

    private MachineStatus _last = status;
    private ulong _balloon;
    private long _balloonSent = Environment.TickCount64 - BalloonIntervalMs;
    private bool _balloonIsDue;

    /// <summary>The machine's status has changed.</summary>
    public void Follow(MachineStatus status)
    {
        MachineStatus before = _last;
        _last = status;
        if (status.Resets != before.Resets)
        {
            Send(QmpEvents.Reset, Cause(status.LastReset == ResetCause.Guest, status.LastReset.ToQmp()), status.Since);
        }

        if (status.State == before.State)
        {
            return;
        }

        switch (status.State)
        {
            case RunState.Running:
                Send(QmpEvents.Resume, QmpNothing.Instance, status.Since);
                break;
            case RunState.Paused:
                Send(QmpEvents.Stop, QmpNothing.Instance, status.Since);
                break;
            case RunState.InternalError:
                Send(QmpEvents.Stop, QmpNothing.Instance, status.Since);
                if (status.Fault is { } fault)
                {
                    var data = new VcpuFaultData { CpuIndex = fault.Cpu, Reason = fault.Reason, Hint = fault.Hint };
                    Send(QmpEvents.VcpuFault, data, status.Since);
                }

                break;
            case RunState.Shutdown:
                Send(QmpEvents.Shutdown, Cause(status.Cause == ShutdownCause.GuestShutdown, status.Cause.ToQmp()), status.Since);
                break;
        }
    }

    /// <summary>Something else has happened.</summary>
    public void Follow(MachineEvent happening, DateTimeOffset time)
    {
        switch (happening)
        {
            case PowerButtonPressed:
                Send(QmpEvents.Powerdown, QmpNothing.Instance, time);
                break;
            case DeviceRemoved removed:
                context.Release(removed.Device);
                _diskTold.Remove(removed.Device);
                Send(QmpEvents.DeviceDeleted, new DeviceDeletedData { Device = removed.Device, Path = ObjectTree.PathOf(removed.Device) }, time);
                break;
            case BalloonChanged balloon:
                NoteBalloon(balloon.Size);
                break;
            case DiskFailed failed:
                NoteDisk(failed, time);
                break;
            case DeviceFailed { Device: var device } failed:
                var data = new DeviceFailedData { Device = device, Path = ObjectTree.PathOf(device), Reason = failed.Reason };
                Send(QmpEvents.DeviceFailed, data, time);
                break;
        }
    }

    // A guest can change its balloon as often as it likes; clients hear of it once a second, of the last size.
    private void NoteBalloon(ulong size)
    {
        _balloon = size;
        if (_balloonIsDue)
        {
            return;
        }

        long left = _balloonSent + BalloonIntervalMs - Environment.TickCount64;
        if (left <= 0)
        {
            SendBalloon();
            return;
        }

        _balloonIsDue = true;
        context.Thread.After(TimeSpan.FromMilliseconds(left), SendBalloon);
    }

    private void SendBalloon()
    {
        _balloonIsDue = false;
        _balloonSent = Environment.TickCount64;
        ulong left = context.Machine.BaseMemory - Math.Min(_balloon, context.Machine.BaseMemory);
        Send(QmpEvents.BalloonChange, new BalloonChangeData { Actual = left }, DateTimeOffset.UtcNow);
    }

    // A guest can read a bad block as often as it likes; clients hear of a disk once a second at most.
    private void NoteDisk(DiskFailed failed, DateTimeOffset time)
    {
        if (_diskTold.TryGetValue(failed.Device, out DateTimeOffset told) && time - told < DiskInterval)
        {
            return;
        }

        _diskTold[failed.Device] = time;
        var data = new BlockIoErrorData
        {
            Device = string.Empty,
            QomPath = ObjectTree.PathOf(failed.Device),
            NodeName = context.Images.UsedBy(failed.Device) ?? failed.Device,
            Operation = failed.IsRead ? IoOperationType.Read : IoOperationType.Write,
            Action = BlockErrorAction.Report,
            Nospace = failed.NoSpace,
            Reason = failed.Reason,
        };
        Send(QmpEvents.BlockIoError, data, time);
    }

    private static ShutdownData Cause(bool guest, string reason) => new() { Guest = guest, Reason = reason };

    private void Send<T>(QmpEvent<T> happening, T data, DateTimeOffset time) =>
        broadcast(session => session.Send(happening, data, time));
}
