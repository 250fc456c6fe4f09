namespace StratoVirt.Machine.Jail;

/// <summary>Something of the host that a jailed machine sees, at the same path.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="ReadOnly">Whether it can be read alone.</param>
public sealed record JailPath(string Path, bool ReadOnly);
