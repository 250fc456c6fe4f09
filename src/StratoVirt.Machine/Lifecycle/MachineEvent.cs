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

/// <summary>The guest has given the balloon another size.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Size">Bytes it says it has given up.</param>
public sealed record BalloonChanged(string Device, ulong Size) : MachineEvent;
