using StratoVirt.Definitions.Devices;
using StratoVirt.Definitions.Json;
using StratoVirt.Machine;
using StratoVirt.Qmp.Commands;
using StratoVirt.Qmp.Messages;
using StratoVirt.Qmp.Sessions;

namespace StratoVirt.Control.Commands;

/// <summary>Devices that come and go.</summary>
internal static class DeviceHandlers
{
    private static readonly string[] Abstract = ["object", "device", "virtio-device"];

    /// <summary>Adds the commands.</summary>
    public static void Add(QmpCommandTable table, ControlContext context)
    {
        table.AddPending(DeviceCommands.DeviceAdd, (arguments, reply) => Add(context, arguments, reply));
        table.AddPending(DeviceCommands.DeviceDel, (arguments, reply) => Delete(context, arguments.Id, reply));
        table.Add(DeviceCommands.DeviceListProperties, arguments =>
            DriverModels.Find(arguments.Typename)?.Properties ?? throw QmpException.NoDevice(arguments.Typename));
        table.Add(DeviceCommands.QomListTypes, ListTypes);
    }

    private static void Add(ControlContext context, DeviceAddArguments arguments, QmpReply<QmpNothing> reply)
    {
        DriverModel model = DriverModels.Find(arguments.Driver)
            ?? throw QmpException.Generic($"'{arguments.Driver}' is not a valid device model name");
        string name = arguments.Id ?? throw QmpException.Generic("Parameter 'id' is missing");
        if (context.FindDevice(name) is not null)
        {
            throw QmpException.Generic($"Duplicate device ID '{name}'");
        }

        if (arguments.Bus is not null)
        {
            throw QmpException.Generic($"Bus '{arguments.Bus}' not found: slots are dealt out");
        }

        var given = new DriverArguments(arguments.Driver, name, arguments.Properties ?? [], context);
        given.Check(model.Properties);
        if (arguments.Driver.EndsWith("-pci", StringComparison.Ordinal) && given.Text("addr") is not null)
        {
            throw QmpException.Generic($"Property '{arguments.Driver}.addr' cannot be chosen: slots are dealt out");
        }

        HostEnds? ends = null;
        try
        {
            DeviceSpec spec = model.Build(given);
            DeviceJson.Check(spec, context.Machine.Definition);
            ends = context.OpenEnds(name);
            context.Await(reply, completed => context.Machine.RequestAddDevice(spec, completed, ends), failure =>
            {
                if (failure is not null)
                {
                    context.Release(name);
                }
            });
        }
        catch
        {
            ends?.Dispose();
            context.Release(name);
            throw;
        }
    }

    private static void Delete(ControlContext context, string name, QmpReply<QmpNothing> reply)
    {
        VmDevice device = context.Device(name);
        if (device.State == VmDeviceState.Leaving)
        {
            throw QmpException.Generic($"Device {name} is already in the process of unplug");
        }

        if (device.Bus == VmDeviceBus.VirtioMmio && device.Spec is not ConsolePortSpec)
        {
            throw QmpException.Generic($"Bus 'virtio-mmio-bus' of device '{device.Name}' does not support hotplugging");
        }

        context.Await(reply, completed => context.Machine.RequestRemoveDevice(device.Name, completed));
    }

    private static IReadOnlyList<ObjectTypeInfo> ListTypes(QomListTypesArguments arguments)
    {
        if (arguments.Implements is { } wanted && !Abstract.Contains(wanted, StringComparer.Ordinal))
        {
            return [];
        }

        var types = new List<ObjectTypeInfo>();
        if (arguments.Abstract == true)
        {
            types.AddRange(Listing.Of(Abstract, name => new ObjectTypeInfo { Name = name }));
        }

        foreach (DriverModel model in DriverModels.All)
        {
            types.AddRange(Listing.Of(model.Names, name => new ObjectTypeInfo { Name = name, Parent = "virtio-device" }));
        }

        return types;
    }
}
