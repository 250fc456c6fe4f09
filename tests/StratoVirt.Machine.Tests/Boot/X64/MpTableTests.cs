using StratoVirt.Machine.Boot.X64;

namespace StratoVirt.Machine.Tests.Boot.X64;

public sealed class MpTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(254)]
    public void The_table_is_found_and_adds_up(int cpus)
    {
        using BootedMachine machine = new(KernelBuilder.SimpleElf(true), cpus: cpus, acpi: false);
        _ = machine.Load();
        byte[] pointer = machine.Read(Layout.MpTable, 16);
        Assert.Equal("_MP_"u8.ToArray(), pointer[..4]);
        Assert.Equal(0, Sum(pointer));

        ulong address = BitConverter.ToUInt32(pointer, 4);
        byte[] table = machine.Read(address, machine.Read<ushort>(address + 4));
        Assert.Equal("PCMP"u8.ToArray(), table[..4]);
        Assert.Equal(0, Sum(table));
        Assert.Equal(Layout.LocalApic, BitConverter.ToUInt32(table, 36));

        List<byte> processors = [];
        List<(byte Irq, byte Input)> interrupts = [];
        int at = 44;
        int entries = 0;
        byte ioApic = 0;
        for (; at < table.Length; entries++)
        {
            switch (table[at])
            {
                case 0:
                    processors.Add(table[at + 1]);
                    Assert.Equal(processors.Count == 1 ? 3 : 1, table[at + 3]);
                    at += 20;
                    continue;
                case 2:
                    ioApic = table[at + 1];
                    Assert.Equal(Layout.IoApic, BitConverter.ToUInt32(table, at + 4));
                    break;
                case 3:
                    interrupts.Add((table[at + 5], table[at + 7]));
                    Assert.Equal(ioApic, table[at + 6]);
                    break;
            }

            at += 8;
        }

        Assert.Equal(BitConverter.ToUInt16(table, 34), entries);
        Assert.Equal(Enumerable.Range(0, cpus).Select(cpu => (byte)cpu), processors);
        Assert.DoesNotContain(ioApic, processors);
        Assert.Equal(24, interrupts.Count);
        Assert.All(interrupts, interrupt => Assert.Equal(interrupt.Irq, interrupt.Input));
        Assert.Equal(0UL, machine.Read<ulong>(Layout.AcpiTables));
    }

    private static byte Sum(byte[] bytes) => bytes.Aggregate((byte)0, (sum, value) => (byte)(sum + value));
}
