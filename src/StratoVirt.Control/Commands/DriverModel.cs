using StratoVirt.Definitions.Devices;
using StratoVirt.Qmp.Commands;

namespace StratoVirt.Control.Commands;

/// <summary>A driver of <c>device_add</c>: its names, what it takes, and the device that comes of it.</summary>
/// <param name="Base">Its name without the bus: <c>virtio-blk</c>.</param>
/// <param name="Buses">The endings it may have. Whichever is given, a device added while the machine exists is on PCI.</param>
/// <param name="Properties">What it takes beside driver, id and bus.</param>
/// <param name="Build">Makes the device's words; what it finds wrong is thrown.</param>
internal sealed record DriverModel(
    string Base, string[] Buses, ObjectPropertyInfo[] Properties, Func<DriverArguments, DeviceSpec> Build)
{
    /// <summary>All its names.</summary>
    public string[] Names => Listing.Of(Buses, bus => Base + bus);
}
