namespace StratoVirt.Machine.Lifecycle;

/// <summary>Something that happened to a machine beside the changes of its state.</summary>
public abstract record MachineEvent;

/// <summary>The guest was asked to power itself off.</summary>
public sealed record PowerButtonPressed : MachineEvent;

/// <summary>A device is there.</summary>
/// <param name="Device">Its name.</param>
public sealed record DeviceAdded(string Device) : MachineEvent;

/// <summary>A device that was added has gone.</summary>
/// <param name="Device">Its name.</param>
public sealed record DeviceRemoved(string Device) : MachineEvent;

/// <summary>The host's side of a device has gone or is damaged, for as long as the device is there. Its guest sees what it
/// can be shown: a link that is down, a device that needs a reset.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Reason">What went wrong.</param>
public sealed record DeviceFailed(string Device, string Reason) : MachineEvent;

/// <summary>The guest has given the balloon another size.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Size">Bytes it says it has given up.</param>
public sealed record BalloonChanged(string Device, ulong Size) : MachineEvent;

/// <summary>The host could not do what a disk asked; the guest has been told of an I/O error.</summary>
/// <param name="Device">Its name.</param>
/// <param name="IsRead">Whether it was to read.</param>
/// <param name="NoSpace">Whether the host has no space left.</param>
/// <param name="Reason">What went wrong.</param>
public sealed record DiskFailed(string Device, bool IsRead, bool NoSpace, string Reason) : MachineEvent;
