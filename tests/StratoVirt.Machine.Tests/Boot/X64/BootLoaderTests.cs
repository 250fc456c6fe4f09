using StratoVirt.Machine.Boot.X64;
using static StratoVirt.Machine.Tests.Boot.KernelBuilder;

namespace StratoVirt.Machine.Tests.Boot.X64;

public sealed class BootLoaderTests
{
    private const int KernelLength = 0x3000;

    [Fact]
    public void Pvh_kernels_get_a_start_info()
    {
        byte[] initrd = Pattern(5000);
        using BootedMachine machine = new(SimpleElf(true), initrd: initrd, commandLine: "console=ttyS0 quiet");
        EntryPoint entry = machine.Load();
        Assert.Equal(EntryMode.Protected32, entry.Mode);
        Assert.Equal(LoadAddress + 0x20, entry.Rip);
        Assert.Equal((0x11UL, 0UL, 0UL, 0UL), (entry.Cr0, entry.Cr3, entry.Cr4, entry.Efer));
        Assert.False(entry.Code.IsLong);

        ulong info = entry.Rbx;
        Assert.Equal(0x336EC578u, machine.Read<uint>(info));
        Assert.Equal(1u, machine.Read<uint>(info + 4));
        Assert.Equal(1u, machine.Read<uint>(info + 12));
        Assert.Equal("console=ttyS0 quiet", machine.ReadText(machine.Read<ulong>(info + 24)));
        Assert.Equal(Layout.AcpiTables, machine.Read<ulong>(info + 32));
        ulong module = machine.Read<ulong>(info + 16);
        Assert.Equal(initrd, machine.Read(machine.Read<ulong>(module), (int)machine.Read<ulong>(module + 8)));
        ulong map = machine.Read<ulong>(info + 40);
        uint entries = machine.Read<uint>(info + 48);
        ulong ram = 0;
        for (uint i = 0; i < entries; i++)
        {
            ram += machine.Read<uint>(map + (24 * i) + 16) == 1 ? machine.Read<ulong>(map + (24 * i) + 8) : 0;
        }

        Assert.Equal((64UL << 20) - (Layout.ExtendedMemory - Layout.ConventionalEnd), ram);
    }

    [Fact]
    public void Other_elf_kernels_get_a_zero_page()
    {
        byte[] initrd = Pattern(5000);
        using BootedMachine machine = new(SimpleElf(false), initrd: initrd);
        EntryPoint entry = machine.Load();
        Assert.Equal(EntryMode.Long64, entry.Mode);
        Assert.Equal(LoadAddress + 0x10, entry.Rip);
        Assert.Equal((0x8000_0011UL, 0x20UL, 0x500UL), (entry.Cr0, entry.Cr4, entry.Efer));
        Assert.True(entry.Code is { IsLong: true, IsDefault32: false, Selector: 0x10 });
        Assert.Equal(0x18, entry.Data.Selector);

        ulong page = entry.Rsi;
        Assert.Equal(0xAA55, machine.Read<ushort>(page + 0x1FE));
        Assert.Equal(0x53726448u, machine.Read<uint>(page + 0x202));
        Assert.Equal(0xFF, machine.Read<byte>(page + 0x210));
        Assert.Equal(Layout.AcpiTables, machine.Read<ulong>(page + 0x70));
        Assert.Equal(CommandLine.Default, machine.ReadText(machine.Read<uint>(page + 0x228)));
        Assert.Equal(initrd, machine.Read(machine.Read<uint>(page + 0x218), (int)machine.Read<uint>(page + 0x21C)));
        Assert.Equal(6, machine.Read<byte>(page + 0x1E8));
        Assert.Equal(new E820Entry(0, Layout.ConventionalEnd, E820Type.Ram), machine.Read<E820Entry>(page + 0x2D0));
    }

    [Fact]
    public void A_bzImage_the_host_cannot_unpack_boots_through_its_own_decompressor()
    {
        byte[] image = BzImage(WithSizeWord("BZh91AY&SY"u8.ToArray(), 1 << 20), bytes => bytes[0x227] = 0x5A);
        using BootedMachine machine = new(image, unpack: true);
        EntryPoint entry = machine.Load();
        Assert.Equal(LoadAddress + 0x200, entry.Rip);
        Assert.Equal(image[BzCodeOffset..], machine.Read(LoadAddress, image.Length - BzCodeOffset));
        Assert.Equal(0x5A, machine.Read<byte>(entry.Rsi + 0x227));
        Assert.Equal(0x80_0000u, machine.Read<uint>(entry.Rsi + 0x260));
        Assert.Equal(0xFF, machine.Read<byte>(entry.Rsi + 0x210));
    }

    [Fact]
    public void Raw_kernels_start_at_their_first_byte()
    {
        byte[] code = [0xF4, 0xEB, 0xFD, 0x00];
        using BootedMachine machine = new(code, memoryBytes: 16 << 20);
        EntryPoint entry = machine.Load();
        Assert.Equal((EntryMode.Long64, Layout.ExtendedMemory), (entry.Mode, entry.Rip));
        Assert.Equal(code, machine.Read(entry.Rip, code.Length));
    }

    [Fact]
    public void A_reset_boots_as_the_start_did_whatever_the_guest_has_left()
    {
        foreach (bool acpi in (bool[])[true, false])
        {
            using BootedMachine machine = new(SimpleElf(acpi), cpus: 3, acpi: acpi, initrd: Pattern(10_000));
            EntryPoint first = machine.Load();
            ulong imageEnd = LoadAddress + KernelLength + 0x1800;
            byte[] low = machine.Read(0, 1 << 20);
            byte[] kernel = machine.Read(LoadAddress, (int)(imageEnd - LoadAddress));
            byte[] rubbish = new byte[machine.Memory.TotalLength];
            rubbish.AsSpan().Fill(0xCC);
            Assert.True(machine.Memory.TryWrite(new Memory.GuestAddress(0), rubbish));
            Assert.Equal(first, machine.Load());
            Assert.True(low.AsSpan().SequenceEqual(machine.Read(0, 1 << 20)));
            Assert.True(kernel.AsSpan().SequenceEqual(machine.Read(LoadAddress, kernel.Length)));
            Assert.Equal(new byte[0x1800], machine.Read(LoadAddress + KernelLength, 0x1800));
            Assert.Equal(0xCC, machine.Read<byte>(imageEnd));
        }
    }

    [Fact]
    public void The_identity_map_maps_4_gib_to_themselves()
    {
        using BootedMachine machine = new(SimpleElf(false));
        ulong cr3 = machine.Load().Cr3;
        for (ulong address = 0; address < 1UL << 32; address += 0x1234_5000)
        {
            ulong directoryPointers = machine.Read<ulong>(cr3 + (8 * (address >> 39))) & ~0xFFFUL;
            ulong directory = machine.Read<ulong>(directoryPointers + (8 * (address >> 30 & 511))) & ~0xFFFUL;
            ulong entry = machine.Read<ulong>(directory + (8 * (address >> 21 & 511)));
            Assert.Equal(0x83UL, entry & 0xFFF);
            Assert.Equal(address & ~0x1F_FFFFUL, entry & ~0xFFFUL);
        }
    }

    [Fact]
    public void The_descriptor_table_says_what_the_segments_say()
    {
        using BootedMachine machine = new(SimpleElf(false));
        EntryPoint entry = machine.Load();
        Assert.Equal(0x00AF_9B00_0000_FFFFUL, machine.Read<ulong>(entry.GdtBase + entry.Code.Selector));
        Assert.Equal(0x00CF_9300_0000_FFFFUL, machine.Read<ulong>(entry.GdtBase + entry.Data.Selector));
        Assert.Equal(0x0000_8B00_0000_0067UL, machine.Read<ulong>(entry.GdtBase + entry.TaskState.Selector));
        Assert.True(entry.GdtLimit >= entry.TaskState.Selector + 15);
        Assert.Equal(0x00CF_9B00_0000_FFFFUL, BootSegments.Code(EntryMode.Protected32).ToDescriptor());
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_anything_is_written()
    {
        Refused(MachineErrorId.KernelTooBig, new BootedMachine(SimpleElf(true), memoryBytes: 16 << 20));
        Refused(MachineErrorId.KernelTooBig, new BootedMachine(BzImage(new byte[100]), memoryBytes: 22 << 20));
        Refused(MachineErrorId.InitrdTooBig, new BootedMachine(SimpleElf(true), memoryBytes: 20 << 20, initrd: new byte[4 << 20]));
        Refused(MachineErrorId.CommandLineTooLong, new BootedMachine(SimpleElf(true), commandLine: new string('x', 2048)));
        using BootedMachine longest = new(SimpleElf(true), commandLine: new string('x', 2047));
        Assert.NotNull(longest.Load());
    }

    [Fact]
    public void Without_acpi_the_command_line_names_the_virtio_transports()
    {
        MmioSlot slot = new(new Memory.GuestRange(new Memory.GuestAddress(Layout.VirtioMmio), Layout.VirtioMmioStride), 5);
        using BootedMachine without = new(SimpleElf(true), acpi: false, commandLine: "quiet", slots: [slot]);
        _ = without.Load();
        Assert.Equal("quiet virtio_mmio.device=4096@0xfea00000:5", without.ReadText(Layout.CommandLine));
        using BootedMachine with = new(SimpleElf(true), commandLine: "quiet", slots: [slot]);
        _ = with.Load();
        Assert.Equal("quiet", with.ReadText(Layout.CommandLine));
    }

    [Theory]
    [InlineData(16UL << 20, true)]
    [InlineData(3UL << 30, false)]
    [InlineData((3UL << 30) + (2 << 20), true)]
    [InlineData(64UL << 30, true)]
    public void Memory_goes_around_the_hole(ulong bytes, bool acpi)
    {
        IReadOnlyList<Memory.GuestRange> ranges = BootLoader.MemoryLayout(bytes);
        Assert.Equal(bytes, ranges.Aggregate(0UL, (sum, range) => sum + range.Length));
        Memory.GuestRange hole = new(new Memory.GuestAddress(Layout.HoleStart), Layout.HoleEnd - Layout.HoleStart);
        Assert.All(ranges, range => Assert.False(range.Overlaps(hole)));
        using Memory.GuestMemory memory = Memory.GuestMemory.CreateAnonymous(ranges);
        IReadOnlyList<E820Entry> map = E820Map.Build(memory, acpi, Layout.PciHighWindow(bytes).Start.Value);
        for (int i = 1; i < map.Count; i++)
        {
            Assert.True(map[i - 1].Address + map[i - 1].Length <= map[i].Address, "the memory map is not sorted or overlaps");
        }

        ulong ram = map.Where(entry => entry.Type == E820Type.Ram).Aggregate(0UL, (sum, entry) => sum + entry.Length);
        Assert.Equal(bytes - (Layout.ExtendedMemory - Layout.ConventionalEnd), ram);
        Assert.Contains(map, entry => entry.Type == E820Type.Reserved && entry.Address == Layout.KvmReserved);
        Assert.Equal(acpi, map.Any(entry => entry.Type == E820Type.Reserved && entry.Address == Layout.PciEcam));
        Memory.GuestRange window = Layout.PciHighWindow(bytes);
        Assert.All(ranges, range => Assert.False(range.Overlaps(window)));
        Assert.Equal(0UL, window.Start.Value % (1 << 30));
    }

    private static void Refused(MachineErrorId id, BootedMachine machine)
    {
        using (machine)
        {
            MachineException refusal = Assert.Throws<MachineException>(() => machine.Load());
            Assert.Equal(id, refusal.Id);
            Assert.Equal(new byte[0x10000], machine.Read(0, 0x10000));
        }
    }
}
