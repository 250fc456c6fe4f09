using StratoVirt.Testing.Virtio.Hostile.Subjects;

namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>All kinds of devices there are to drive.</summary>
public static class DeviceSubjects
{
    /// <summary>Makes a subject, by the device's name.</summary>
    public static IReadOnlyDictionary<string, Func<DeviceSubject>> All { get; } = new Dictionary<string, Func<DeviceSubject>>
    {
        ["block"] = () => new BlockSubject(),
        ["net"] = () => new NetSubject(),
        ["console"] = () => new ConsoleSubject(),
        ["rng"] = () => new EntropySubject(),
        ["balloon"] = () => new BalloonSubject(),
        ["vsock"] = () => new VsockSubject(),
        ["fs"] = () => new FileSystemSubject(),
        ["mem"] = () => new MemorySubject(),
        ["pmem"] = () => new PersistentMemorySubject(),
    };
}
