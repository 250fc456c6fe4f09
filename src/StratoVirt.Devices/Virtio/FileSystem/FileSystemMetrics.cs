namespace StratoVirt.Devices.Virtio.FileSystem;

/// <summary>What can be counted here of a file system device; requests pass by this process.</summary>
/// <param name="Calls">Times the serving process has used buffers and said so.</param>
/// <param name="IsServed">Whether that process is there.</param>
public readonly record struct FileSystemMetrics(ulong Calls, bool IsServed);
