namespace StratoVirt.PowerShell;

/// <summary>The service that starts a machine with the host.</summary>
/// <param name="Name">The machine's name.</param>
/// <param name="Unit">Name of its systemd unit.</param>
/// <param name="Path">The unit's file.</param>
/// <param name="Enabled">Whether systemd starts it with the host; false when only the file was written.</param>
public sealed record StratoVmService(string Name, string Unit, string Path, bool Enabled);
