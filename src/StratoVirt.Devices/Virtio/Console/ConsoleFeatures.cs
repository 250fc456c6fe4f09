namespace StratoVirt.Devices.Virtio.Console;

/// <summary>Feature bits of the console (virtio 1.3 §5.3.3).</summary>
internal static class ConsoleFeatures
{
    /// <summary>VIRTIO_CONSOLE_F_SIZE.</summary>
    internal const ulong Size = 1UL << 0;

    /// <summary>VIRTIO_CONSOLE_F_MULTIPORT.</summary>
    internal const ulong Multiport = 1UL << 1;
}
