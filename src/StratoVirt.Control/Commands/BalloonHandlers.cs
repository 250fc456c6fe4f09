using StratoVirt.Definitions;
using StratoVirt.Definitions.Devices;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>The memory balloon. QMP counts what is left to the guest; definitions count what is taken.</summary>
internal static class BalloonHandlers
{
    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        table.Add(BalloonCommands.QueryBalloon, _ =>
        {
            var report = (BalloonReport)Find(context).Metrics;
            return new BalloonInfo { Actual = context.Machine.BaseMemory - Math.Min(report.ActualBytes, context.Machine.BaseMemory) };
        });
        table.AddPending(BalloonCommands.Balloon, (arguments, reply) => Resize(context, arguments.Value, reply));
    }

    private static void Resize(ControlContext context, long left, QmpReply<QmpNothing> reply)
    {
        if (left <= 0)
        {
            throw QmpException.Generic("Parameter 'target' expects a size");
        }

        var balloon = (BalloonSpec)Find(context).Spec;
        ulong taken = context.Machine.BaseMemory - Math.Min((ulong)left, context.Machine.BaseMemory);
        context.Await(reply, completed =>
            context.Machine.RequestChangeDevice(balloon with { Size = new ByteSize(taken) }, completed));
    }

    private static VmDevice Find(ControlContext context) =>
        context.Machine.Devices.FirstOrDefault(device => device.Spec is BalloonSpec)
        ?? throw new QmpException(QmpErrorClass.DeviceNotActive, "No balloon device has been activated");
}
