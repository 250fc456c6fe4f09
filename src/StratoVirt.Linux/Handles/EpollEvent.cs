namespace StratoVirt.Linux.Handles;

/// <summary>One ready descriptor.</summary>
/// <param name="Ready">What it is ready for.</param>
/// <param name="Token">The number it was registered with.</param>
public readonly record struct EpollEvent(EpollEvents Ready, ulong Token);
