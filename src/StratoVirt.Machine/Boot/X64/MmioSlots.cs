using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// Gives virtio-mmio transports their places: windows one behind the other, interrupts in turn. There are more
/// transports than I/O APIC inputs; those that share one are edge-triggered all the same, because every irqfd pulses
/// the line by itself and a kernel asks all handlers of a line at each edge.
/// </summary>
internal static class MmioSlots
{
    // Above the PC's sixteen nobody expects anything; of the sixteen those that have an owner even in a machine without
    // him are left out: the timer (0), the keyboard (1), the cascade (2), the clock (8) and the FPU (13).
    private static readonly byte[] Pins = [16, 17, 18, 19, 20, 21, 22, 23, 5, 6, 7, 10, 11, 12, 14, 15, 3];

    /// <summary>Interrupts to give; further transports share them.</summary>
    public static int Interrupts => Pins.Length;

    /// <summary>Places for so many transports.</summary>
    /// <param name="count">At most <see cref="Layout.VirtioMmioSlots"/>.</param>
    public static IReadOnlyList<MmioSlot> Allocate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Layout.VirtioMmioSlots);
        var slots = new MmioSlot[count];
        for (int i = 0; i < count; i++)
        {
            int pin = i % Pins.Length;
            var start = new GuestAddress(Layout.VirtioMmio + ((ulong)i * Layout.VirtioMmioStride));
            bool shared = i >= Pins.Length || i + Pins.Length < count;
            slots[i] = new MmioSlot(new GuestRange(start, Layout.VirtioMmioStride), Pins[pin], shared);
        }

        return slots;
    }
}
