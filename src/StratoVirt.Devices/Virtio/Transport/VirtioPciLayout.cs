namespace StratoVirt.Devices.Virtio.Transport;

/// <summary>
/// Where the structures of a virtio PCI device are in its one base address register, the same for every device; each
/// begins on a page of its own. Offsets and lengths in bytes.
/// </summary>
internal static class VirtioPciLayout
{
    public const int Bar = 0;
    public const uint BarLength = 0x1_0000;

    public const uint Registers = 0x0000;
    public const uint RegistersLength = 0x40;

    public const uint InterruptStatus = 0x1000;
    public const uint InterruptStatusLength = 4;

    // A page for any device: Linux takes a structure shorter than the fields it reads for a bug of its own. What is behind
    // the device's configuration reads as zero.
    public const uint Configuration = 0x2000;
    public const uint ConfigurationLength = 0x1000;

    public const uint Notify = 0x3000;
    public const uint NotifyLength = 0x1000;
    public const uint NotifyMultiplier = 4;

    public const uint MsixTable = 0x4000;
    public const uint MsixTableLength = 0x8000;

    public const uint MsixPending = 0xC000;

    public const int MostQueues = (int)(NotifyLength / NotifyMultiplier);
}
