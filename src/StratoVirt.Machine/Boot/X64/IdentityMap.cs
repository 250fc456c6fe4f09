using System.Runtime.InteropServices;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// Page tables that map the first 4 GiB to themselves in 2 MiB pages: more than the 64-bit boot protocol asks for
/// (kernel, zero page and command line), and every processor has pages of that size. Six pages at
/// <see cref="Layout.PageTables"/>: PML4, PDPT, four page directories.
/// </summary>
internal static class IdentityMap
{
    private const int EntriesPerTable = 512;
    private const ulong TableLength = 0x1000;
    private const int Directories = 4;
    private const ulong Present = 1 << 0;
    private const ulong Writable = 1 << 1;
    private const ulong LargePage = 1 << 7;
    private const int LargePageShift = 21;

    /// <summary>Writes the tables and gives the value for CR3.</summary>
    public static ulong Write(BootMemory memory)
    {
        const ulong Pml4 = Layout.PageTables;
        const ulong Pdpt = Pml4 + TableLength;
        const ulong FirstDirectory = Pdpt + TableLength;

        memory.Zero(Pml4, 2 * TableLength);
        memory.Write(Pml4, Pdpt | Present | Writable);
        Span<ulong> entries = stackalloc ulong[EntriesPerTable];
        for (int directory = 0; directory < Directories; directory++)
        {
            ulong table = FirstDirectory + ((ulong)directory * TableLength);
            memory.Write(Pdpt + ((ulong)directory * sizeof(ulong)), table | Present | Writable);
            for (int i = 0; i < EntriesPerTable; i++)
            {
                ulong page = (ulong)((directory * EntriesPerTable) + i);
                entries[i] = (page << LargePageShift) | Present | Writable | LargePage;
            }

            memory.Write(table, MemoryMarshal.AsBytes(entries));
        }

        return Pml4;
    }
}
