using System.Text.Json;
using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Json;
using StratoVirt.Linux.Handles;
using StratoVirt.Machine;
using StratoVirt.Machine.Lifecycle;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Sessions;
using StratoVirt.Qmp.Vendor;

namespace StratoVirt.Control.Commands;

/// <summary>Our own commands about state, counters and devices.</summary>
internal static class VendorHandlers
{
    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        VirtualMachine machine = context.Machine;
        table.Add(VendorCommands.Status, _ => DescribeStatus(machine));
        table.Add(VendorCommands.Definition, _ =>
        {
            using JsonDocument document = JsonDocument.Parse(DefinitionJson.Serialize(machine.Definition));
            return document.RootElement.Clone();
        });
        table.Add(VendorCommands.Metrics, _ => DescribeMetrics(machine));
        table.Add(VendorCommands.Devices, _ => Listing.Of(machine.Devices, Describe));
        table.AddPending(VendorCommands.DeviceAdd, (arguments, reply) =>
        {
            IReadOnlyList<FileDescriptor> beside = context.Enclosures?.TakeAll() ?? [];
            HostEnds? ends = beside.Count == 0 ? null : new HostEnds(beside) { Mtu = arguments.Mtu };
            try
            {
                Ask(context, arguments, reply, (device, completed) => machine.RequestAddDevice(device, completed, ends));
            }
            catch
            {
                ends?.Dispose();
                throw;
            }
        });
        table.AddPending(VendorCommands.DeviceChange, (arguments, reply) => Ask(context, arguments, reply, machine.RequestChangeDevice));
        table.AddPending(VendorCommands.DeviceRemove, (arguments, reply) =>
            context.Await(reply, completed => machine.RequestRemoveDevice(arguments.Name, completed)));
    }

    private static void Ask(
        ControlContext context, VendorDeviceSpec arguments, QmpReply<QmpNothing> reply, Action<DeviceSpec, Action<Exception?>> ask)
    {
        DeviceSpec device = DeviceJson.Deserialize(arguments.Kind, arguments.Spec, context.Machine.Definition);
        context.Await(reply, completed => ask(device, completed));
    }

    private static VendorStatus DescribeStatus(VirtualMachine machine)
    {
        MachineStatus status = machine.Status;
        return new VendorStatus
        {
            Name = machine.Name,
            State = LifecycleHandlers.ToQmp(status.State),
            Since = status.Since,
            StartedAt = status.StartedAt,
            Cause = status.Cause.ToQmp(),
            Resets = status.Resets,
            Fault = status.Fault is { } fault ? Describe(fault) : null,
            Error = status.Error is { } error ? Describe(error) : null,
            BootMarks = Listing.Of(machine.BootMarks, mark => new VendorBootMark { Code = mark.Code, Ticks = mark.SinceStart.Ticks }),
            ProcessId = Environment.ProcessId,
            ConsoleWritten = machine.Console.Written,
        };
    }

    private static VendorFault Describe(VcpuFault fault) => new()
    {
        Cpu = fault.Cpu,
        Reason = fault.Reason,
        ExitReason = fault.ExitReason,
        Hint = fault.Hint,
        Registers = Listing.Of(fault.Registers, register => new VendorRegister { Name = register.Key, Value = register.Value }),
        Instruction = [.. fault.Instruction],
    };

    private static VendorError Describe(Exception error) => new()
    {
        Id = (error as MachineException)?.Id.ToString(),
        Message = error.Message,
        RecommendedAction = (error as MachineException)?.RecommendedAction,
    };

    private static VendorMetrics DescribeMetrics(VirtualMachine machine)
    {
        MachineMemory memory = machine.MeasureMemory();
        ulong process = (ulong)Environment.WorkingSet;
        return new VendorMetrics
        {
            Vcpus = Listing.Of(machine.GetMetrics().Vcpus, vcpu => new VendorVcpu
            {
                Pio = vcpu.Pio,
                Mmio = vcpu.Mmio,
                Interrupted = vcpu.Interrupted,
                Other = vcpu.Other,
            }),
            GuestMemory = memory.Configured,
            GuestResident = memory.Resident,
            ProcessResident = memory.Resident is { } guest ? process - Math.Min(process, guest) : null,
            Devices = Listing.Of(machine.Devices, Describe),
        };
    }

    private static VendorDevice Describe(VmDevice device) => new()
    {
        Name = device.Name,
        Kind = DeviceJson.KindOf(device.Spec),
        Spec = DeviceJson.Serialize(device.Spec),
        Bus = device.Bus == VmDeviceBus.VirtioPci ? "pci" : "mmio",
        Address = device.Address,
        State = device.State switch
        {
            VmDeviceState.Idle => "idle",
            VmDeviceState.Ready => "ready",
            VmDeviceState.Leaving => "leaving",
            _ => "failed",
        },
        Fault = device.Fault,
        Counters = DeviceCounters.ToJson(device.Metrics),
    };
}
