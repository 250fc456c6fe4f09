namespace StratoVirt.Devices;

/// <summary>A device's saved state cannot be restored: it is from another version or has been damaged.</summary>
public sealed class DeviceStateException : FormatException
{
    /// <summary>Says whose state and what is wrong with it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">What is wrong, as a clause.</param>
    public DeviceStateException(string device, string problem)
        : base($"The saved state of {device} cannot be restored: {problem}. Take a new snapshot with this version.")
    {
        Device = device;
    }

    /// <summary>The device.</summary>
    public string Device { get; }

    internal static void CheckVersion(string device, int version, int supported)
    {
        if (version != supported)
        {
            throw new DeviceStateException(device, $"it has version {version}, this program reads version {supported}");
        }
    }
}
