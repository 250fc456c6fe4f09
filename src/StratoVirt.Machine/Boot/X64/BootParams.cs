using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StratoVirt.Machine.Boot.Images;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Boot.X64;

/// <summary>
/// Linux's zero page, <c>struct boot_params</c> (Documentation/arch/x86/zero-page.rst, boot.rst): the setup header of
/// the bzImage, or one made up for an ELF kernel, with what a loader fills in.
/// </summary>
internal static class BootParams
{
    private const int Length = 0x1000;
    private const int AcpiRsdpAddress = 0x070;
    private const int E820Entries = 0x1E8;
    private const int BootFlag = 0x1FE;
    private const int HeaderMagic = 0x202;
    private const int ProtocolVersion = 0x206;
    private const int TypeOfLoader = 0x210;
    private const int LoadFlags = 0x211;
    private const int RamdiskImage = 0x218;
    private const int RamdiskSize = 0x21C;
    private const int CommandLinePointer = 0x228;
    private const int InitrdAddressMax = 0x22C;
    private const int KernelAlignment = 0x230;
    private const int CommandLineSize = 0x238;
    private const int E820Table = 0x2D0;

    /// <summary>E820_MAX_ENTRIES_ZEROPAGE.</summary>
    private const int MaxE820Entries = 128;

    /// <summary>A loader without a number of its own.</summary>
    private const byte UndefinedLoader = 0xFF;

    /// <summary>LOADED_HIGH: the protected-mode code is not in conventional memory.</summary>
    private const byte LoadedHigh = 1;

    /// <summary>Writes the page.</summary>
    /// <param name="memory">Guest memory.</param>
    /// <param name="kernel">The kernel that will read it.</param>
    /// <param name="initrd">Where the initrd is; empty when there is none. Below 4 GiB, so that the extended fields
    /// stay zero.</param>
    /// <param name="map">The memory map.</param>
    /// <param name="rsdp">Address of the ACPI RSDP, or 0.</param>
    public static void Write(BootMemory memory, KernelImage kernel, GuestRange initrd, IReadOnlyList<E820Entry> map, ulong rsdp)
    {
        Span<byte> page = stackalloc byte[Length];
        page.Clear();
        WriteHeader(page, kernel);
        page[TypeOfLoader] = UndefinedLoader;
        page[LoadFlags] |= LoadedHigh;
        BinaryPrimitives.WriteUInt32LittleEndian(page[RamdiskImage..], (uint)initrd.Start.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(page[RamdiskSize..], (uint)initrd.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(page[CommandLinePointer..], (uint)Layout.CommandLine);
        BinaryPrimitives.WriteUInt64LittleEndian(page[AcpiRsdpAddress..], rsdp);

        int entries = Math.Min(map.Count, MaxE820Entries);
        page[E820Entries] = (byte)entries;
        Span<E820Entry> table = MemoryMarshal.Cast<byte, E820Entry>(page[E820Table..]);
        for (int i = 0; i < entries; i++)
        {
            table[i] = map[i];
        }

        memory.Write(Layout.BootParams, page);
    }

    private static void WriteHeader(Span<byte> page, KernelImage kernel)
    {
        if (kernel is BzImageKernel image)
        {
            image.Header.Bytes.CopyTo(page[SetupHeader.Start..]);
            return;
        }

        const ushort Signature = 0xAA55;
        const ushort Version215 = 0x20F;
        const uint LargestPage = 2 << 20;
        BinaryPrimitives.WriteUInt16LittleEndian(page[BootFlag..], Signature);
        "HdrS"u8.CopyTo(page[HeaderMagic..]);
        BinaryPrimitives.WriteUInt16LittleEndian(page[ProtocolVersion..], Version215);
        BinaryPrimitives.WriteUInt32LittleEndian(page[InitrdAddressMax..], (uint)kernel.InitrdAddressMax);
        BinaryPrimitives.WriteUInt32LittleEndian(page[KernelAlignment..], LargestPage);
        BinaryPrimitives.WriteUInt32LittleEndian(page[CommandLineSize..], (uint)kernel.CommandLineMax);
    }
}
