using StratoVirt.Linux;

namespace StratoVirt.Machine.Building.Devices;

/// <summary>The errors of devices in the making, worded once.</summary>
internal static class DeviceFault
{
    /// <summary>Something the spec names on the host cannot be opened.</summary>
    /// <param name="device">Name of the device.</param>
    /// <param name="what">What was to be opened, such as "image".</param>
    /// <param name="path">Where.</param>
    /// <param name="cause">What the host said.</param>
    public static MachineException CannotOpen(string device, string what, string path, LinuxException cause) => cause.Errno switch
    {
        Errno.NoEntry or Errno.NotDirectory => new MachineException(
            MachineErrorId.DeviceMissing,
            $"There is no {what} '{path}' for device '{device}'.",
            $"Create the {what}, or correct its path.",
            cause),
        Errno.AccessDenied or Errno.NotPermitted => new MachineException(
            MachineErrorId.DevicePermission,
            $"This user may not open the {what} '{path}' of device '{device}'.",
            "Give the user the right to open it, or run as one who has it.",
            cause),
        Errno.Busy or Errno.AddressInUse => new MachineException(
            MachineErrorId.DeviceInUse,
            $"The {what} '{path}' of device '{device}' is in use.",
            "Stop what uses it, or choose another.",
            cause),
        _ => new MachineException(
            MachineErrorId.DeviceUnusable,
            $"The {what} '{path}' of device '{device}' cannot be opened.",
            $"Check that it is what a {what} has to be.",
            cause),
    };

    /// <summary>A setting that only a new start can change.</summary>
    public static MachineException Unchangeable(string device, string what) => new(
        MachineErrorId.DeviceUnchangeable,
        $"Of device '{device}', {what} cannot change while the machine exists.",
        "Change the definition and start the machine anew.");

    /// <summary>No device has the name.</summary>
    public static MachineException Unknown(string machine, string device, IEnumerable<string> present) => new(
        MachineErrorId.DeviceUnknown,
        $"Machine '{machine}' has no device '{device}'. It has: {string.Join(", ", present.DefaultIfEmpty("none"))}.",
        "Name one of its devices.");

    /// <summary>Another device has the name.</summary>
    public static MachineException NameTaken(string machine, string device) => new(
        MachineErrorId.DeviceExists,
        $"Machine '{machine}' has a device '{device}' already.",
        "Give the new device another name.");

    /// <summary>Devices come and go by PCI hot-plug, which is ACPI's.</summary>
    public static MachineException NoHotPlug(string machine) => new(
        MachineErrorId.HotPlugUnavailable,
        $"Machine '{machine}' takes no further devices, because its definition turns ACPI off.",
        "Turn ACPI on, or put the device into the definition, and start the machine anew.");

    /// <summary>Devices of the definition have no slot to leave.</summary>
    public static MachineException PartOfDefinition(string machine, string device) => new(
        MachineErrorId.DeviceUnchangeable,
        $"Machine '{machine}' was started with device '{device}', which stays until the machine ends.",
        "Stop the machine and remove the device then; only what was added while it runs can leave while it runs.");

    /// <summary>Devices that bring memory are there from the start.</summary>
    public static MachineException OnlyInDefinition(string machine, string device) => new(
        MachineErrorId.DeviceUnchangeable,
        $"Device '{device}' brings memory, which machine '{machine}' takes only from its definition.",
        "Put the device into the definition and start the machine anew.");

    /// <summary>A process that contains itself starts no program any more.</summary>
    public static MachineException NeedsHelper(string machine, string device, string program) => new(
        MachineErrorId.DeviceUnsupported,
        $"Device '{device}' needs a program beside it ({program}), which machine '{machine}' cannot start while it runs: its process is contained.",
        "Put the device into the definition and start the machine anew.");

    /// <summary>The guest has not given a device back.</summary>
    public static MachineException NotGivenBack(string machine, string device, TimeSpan timeout) => new(
        MachineErrorId.Timeout,
        $"The guest of machine '{machine}' has not given back device '{device}' within {timeout.TotalSeconds:0.#} s.",
        "Stop using the device inside the guest; it leaves when the guest lets go of it.");

    /// <summary>This engine has no such device.</summary>
    public static MachineException NotBuilt(string device, string family) => new(
        MachineErrorId.DeviceUnsupported,
        $"Device '{device}' is a {family} device; this version has none.",
        "Take the device out of the definition.");
}
