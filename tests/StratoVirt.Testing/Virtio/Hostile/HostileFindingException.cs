namespace StratoVirt.Testing.Virtio.Hostile;

/// <summary>A device did what it must never do, whatever its driver does.</summary>
public sealed class HostileFindingException(string message, Exception? cause = null) : Exception(message, cause);
