namespace StratoVirt.Definitions.Devices;

/// <summary>Changes to the devices of a specification. They judge nothing: validation does, afterwards.</summary>
public static class DeviceEdits
{
    /// <summary>The device of a name, whatever its case, or null.</summary>
    public static DeviceSpec? FindDevice(this VmSpec spec, string name)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.ListDevices().FirstOrDefault(device => IsNamed(device, name));
    }

    /// <summary>The specification with a device more, behind those of its kind.</summary>
    /// <exception cref="InvalidOperationException">There is one already, and a machine has only one of that kind.</exception>
    public static VmSpec WithDevice(this VmSpec spec, DeviceSpec device)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return device switch
        {
            DiskSpec disk => spec with { Disks = [.. spec.Disks, disk] },
            NetworkSpec network => spec with { Networks = [.. spec.Networks, network] },
            ConsolePortSpec port => spec with { Ports = [.. spec.Ports, port] },
            ShareSpec share => spec with { Shares = [.. spec.Shares, share] },
            PersistentMemorySpec memory => spec with { PersistentMemory = [.. spec.PersistentMemory, memory] },
            MemoryDeviceSpec memory => spec with { MemoryDevices = [.. spec.MemoryDevices, memory] },
            EntropySpec entropy => spec with { Entropy = Only(spec.Entropy, entropy) },
            BalloonSpec balloon => spec with { Balloon = Only(spec.Balloon, balloon) },
            VsockSpec vsock => spec with { Vsock = Only(spec.Vsock, vsock) },
            _ => throw new ArgumentException($"{device?.GetType().Name} is no device of a machine.", nameof(device)),
        };
    }

    /// <summary>The specification without a device; as it is when there is none of that name.</summary>
    public static VmSpec WithoutDevice(this VmSpec spec, string name)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec with
        {
            Disks = Without(spec.Disks, name),
            Networks = Without(spec.Networks, name),
            Ports = Without(spec.Ports, name),
            Shares = Without(spec.Shares, name),
            PersistentMemory = Without(spec.PersistentMemory, name),
            MemoryDevices = Without(spec.MemoryDevices, name),
            Entropy = Without(spec.Entropy, name),
            Balloon = Without(spec.Balloon, name),
            Vsock = Without(spec.Vsock, name),
        };
    }

    /// <summary>The specification with another device in the place of the one of the same name and kind.</summary>
    public static VmSpec WithChangedDevice(this VmSpec spec, DeviceSpec device)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(device);
        return spec with
        {
            Disks = Replace(spec.Disks, device),
            Networks = Replace(spec.Networks, device),
            Ports = Replace(spec.Ports, device),
            Shares = Replace(spec.Shares, device),
            PersistentMemory = Replace(spec.PersistentMemory, device),
            MemoryDevices = Replace(spec.MemoryDevices, device),
            Entropy = Replace(spec.Entropy, device),
            Balloon = Replace(spec.Balloon, device),
            Vsock = Replace(spec.Vsock, device),
        };
    }

    private static bool IsNamed(DeviceSpec device, string name) => device.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static T Only<T>(T? present, T added)
        where T : DeviceSpec => present is null
            ? added
            : throw new InvalidOperationException($"A machine has one device of this kind, and '{present.Name}' is there.");

    private static IReadOnlyList<T> Without<T>(IReadOnlyList<T> devices, string name)
        where T : DeviceSpec => [.. devices.Where(device => !IsNamed(device, name))];

    private static T? Without<T>(T? device, string name)
        where T : DeviceSpec => device is not null && IsNamed(device, name) ? null : device;

    private static IReadOnlyList<T> Replace<T>(IReadOnlyList<T> devices, DeviceSpec changed)
        where T : DeviceSpec => [.. devices.Select(device => Replace(device, changed)!)];

    private static T? Replace<T>(T? device, DeviceSpec changed)
        where T : DeviceSpec => device is not null && changed is T other && IsNamed(device, changed.Name) ? other : device;
}
