namespace StratoVirt.Machine.Building.Devices;

/// <summary>How the names of devices compare: as definitions compare them, whatever their case.</summary>
internal static class DeviceNames
{
    /// <summary>Whether two names mean the same device.</summary>
    public static bool AreSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
