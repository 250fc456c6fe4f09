using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>Running, holding, resetting and ending the machine.</summary>
internal static class LifecycleHandlers
{
    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        VirtualMachine machine = context.Machine;
        table.Add(LifecycleCommands.QueryStatus, _ => Describe(machine.Status.State));
        table.AddPending(LifecycleCommands.Stop, (_, reply) => Stop(context, reply));
        table.AddPending(LifecycleCommands.Continue, (_, reply) => Continue(context, reply));
        table.AddPending(LifecycleCommands.SystemReset, (_, reply) =>
            context.Await(reply, completed => machine.Request(MachineVerb.Reset, completed)));
        table.Add(LifecycleCommands.SystemPowerdown, _ =>
        {
            machine.RequestPowerDown();
            return QmpNothing.Instance;
        });
        table.AddPending(LifecycleCommands.Quit, (_, reply) =>
        {
            context.AnswerAtEnd(reply);
            machine.Request(MachineVerb.PowerOff, _ => { });
        });
    }

    /// <summary>A state as the protocol has it.</summary>
    public static QmpRunState ToQmp(RunState state) => state switch
    {
        RunState.Prelaunch => QmpRunState.Prelaunch,
        RunState.Running => QmpRunState.Running,
        RunState.Paused => QmpRunState.Paused,
        RunState.Shutdown => QmpRunState.Shutdown,
        _ => QmpRunState.InternalError,
    };

    private static StatusInfo Describe(RunState state) => new() { Running = state == RunState.Running, Status = ToQmp(state) };

    // QEMU's stop does nothing where nothing runs.
    private static void Stop(ControlContext context, QmpReply<QmpNothing> reply)
    {
        if (context.Machine.Status.State is RunState.Prelaunch or RunState.InternalError)
        {
            reply.Return(QmpNothing.Instance);
        }
        else
        {
            context.Await(reply, completed => context.Machine.Request(MachineVerb.Pause, completed));
        }
    }

    private static void Continue(ControlContext context, QmpReply<QmpNothing> reply)
    {
        RunState state = context.Machine.Status.State;
        if (state == RunState.InternalError)
        {
            throw QmpException.Generic("Resetting the Virtual Machine is required");
        }

        MachineVerb verb = state == RunState.Prelaunch ? MachineVerb.Start : MachineVerb.Resume;
        context.Await(reply, completed => context.Machine.Request(verb, completed));
    }
}
