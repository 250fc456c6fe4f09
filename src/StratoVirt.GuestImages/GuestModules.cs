namespace StratoVirt.GuestImages;

/// <summary>Named choices of kernel modules.</summary>
public static class GuestModules
{
    /// <summary>
    /// What a microVM's guest needs: virtio over MMIO and, for devices plugged while it runs, over PCI, with block,
    /// network, console, entropy, balloon, memory, vsock and shared directories, ext4, with the checksum it asks for at mount
    /// time, and the power button. Kept short, because every module in the
    /// initramfs costs boot time.
    /// </summary>
    public static IReadOnlyList<string> Essential { get; } =
    [
        "button", "evdev", "virtio_mmio", "virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "virtio_rng",
        "virtio_balloon", "virtio_mem", "vmw_vsock_virtio_transport", "virtiofs", "crc32c_generic", "ext4",
    ];

    /// <summary>What a guest needs besides to use persistent memory.</summary>
    public static IReadOnlyList<string> PersistentMemory { get; } = ["virtio_pmem", "nd_pmem"];
}
