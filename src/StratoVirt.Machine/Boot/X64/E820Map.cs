using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>The memory map a machine shows its kernel.</summary>
internal static class E820Map
{
    /// <summary>
    /// RAM as the regions lie, less what the PC architecture and the boot tables take below 1 MiB, and the pages KVM
    /// keeps, and with ACPI the PCI configuration space that its tables speak of. The video hole between them is left out: neither RAM nor reserved, as on a PC.
    /// </summary>
    /// <param name="memory">Guest memory.</param>
    /// <param name="acpi">Whether there are ACPI tables.</param>
    /// <param name="ramEnd">Where devices begin: memory from there on is theirs to tell of, not the map's.</param>
    public static IReadOnlyList<E820Entry> Build(GuestMemory memory, bool acpi, ulong ramEnd)
    {
        List<E820Entry> map =
        [
            new(0, Layout.ConventionalEnd, E820Type.Ram),
            new(Layout.ConventionalEnd, Layout.VideoHole - Layout.ConventionalEnd, E820Type.Reserved),
            new(Layout.AcpiTables, Layout.ExtendedMemory - Layout.AcpiTables, E820Type.Reserved),
            new(Layout.KvmReserved, Layout.KvmReservedLength, E820Type.Reserved),
        ];
        if (acpi)
        {
            // Kernels use configuration space only where firmware has reserved it.
            map.Add(new E820Entry(Layout.PciEcam, Layout.PciEcamLength, E820Type.Reserved));
        }

        foreach (GuestMemoryRegion region in memory.Regions)
        {
            if (region.Range.Start.Value >= ramEnd)
            {
                break;
            }

            ulong start = Math.Max(region.Range.Start.Value, Layout.ExtendedMemory);
            map.Add(new E820Entry(start, region.Range.End.Value - start, E820Type.Ram));
        }

        return [.. map.OrderBy(entry => entry.Address)];
    }
}
