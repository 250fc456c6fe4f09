using System.Diagnostics;
using System.Text;
using StratoVirt.Machine.Boot.X64;
using StratoVirt.Machine.Boot.X64.Acpi;
using StratoVirt.Memory;

namespace StratoVirt.Machine.Tests.Boot.X64.Acpi;

public sealed class AcpiTablesTests
{
    private static readonly MmioSlot[] Slots =
    [
        .. Enumerable.Range(0, 12).Select(i => new MmioSlot(
            new GuestRange(new GuestAddress(Layout.VirtioMmio + ((ulong)i * Layout.VirtioMmioStride)), Layout.VirtioMmioStride),
            (byte)(i + 10))),
    ];

    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 12)]
    [InlineData(254, 12)]
    public void All_tables_are_reached_from_the_root_and_add_up(int cpus, int slots)
    {
        using BootedMachine machine = new(KernelBuilder.SimpleElf(true), cpus: cpus, slots: Slots[..slots]);
        EntryPoint entry = machine.Load();
        ulong rsdp = machine.Read<ulong>(entry.Rbx + 32);
        byte[] root = machine.Read(rsdp, 36);
        Assert.Equal("RSD PTR ", Encoding.ASCII.GetString(root, 0, 8));
        Assert.Equal(0UL, rsdp % 16);
        Assert.Equal(0, Sum(root[..20]));
        Assert.Equal(0, Sum(root));
        Assert.Equal(2, root[15]);

        byte[] xsdt = ReadTable(machine, BitConverter.ToUInt64(root, 24), "XSDT");
        byte[] fadt = ReadTable(machine, BitConverter.ToUInt64(xsdt, 36), "FACP");
        byte[] madt = ReadTable(machine, BitConverter.ToUInt64(xsdt, 44), "APIC");
        byte[] mcfg = ReadTable(machine, BitConverter.ToUInt64(xsdt, 52), "MCFG");
        Assert.Equal(60, xsdt.Length);
        Assert.Equal(60, mcfg.Length);
        Assert.Equal((Layout.PciEcam, 0UL), (BitConverter.ToUInt64(mcfg, 44), BitConverter.ToUInt64(mcfg, 52)));
        CheckFadt(fadt);
        _ = ReadTable(machine, BitConverter.ToUInt64(fadt, 140), "DSDT");
        Assert.Equal(cpus, CountEnabledProcessors(madt));
    }

    [Fact]
    public void The_compiler_of_the_reference_implementation_reads_the_tables()
    {
        string directory = Directory.CreateTempSubdirectory("acpi-").FullName;
        try
        {
            string dsdt = Path.Combine(directory, "dsdt.dat");
            File.WriteAllBytes(dsdt, Dsdt.Build(Slots, Layout.PciHighWindow(512 << 20)));
            string source = Disassemble(dsdt);
            Assert.Contains("Name (_S5, Package (0x04)", source, StringComparison.Ordinal);
            Assert.Contains("Name (_HID, EisaId (\"PNP0501\") /* 16550A-compatible COM Serial Port */)", source, StringComparison.Ordinal);
            Assert.Contains("Notify (\\_SB.PWRB, 0x80)", source, StringComparison.Ordinal);
            Assert.Contains("Method (_EVT, 1, Serialized)", source, StringComparison.Ordinal);
            Assert.Contains("OperationRegion (EREG, SystemIO, 0x0604, One)", source, StringComparison.Ordinal);
            Assert.Equal(Slots.Length, source.Split("\"LNRO0005\"").Length - 1);
            Assert.Contains("0xFEA0B000,", source, StringComparison.Ordinal);

            Assert.Contains("Name (_HID, EisaId (\"PNP0A08\") /* PCI Express Bus */)", source, StringComparison.Ordinal);
            Assert.Contains("Name (_HID, EisaId (\"PNP0C02\") /* PNP Motherboard Resources */)", source, StringComparison.Ordinal);
            Assert.Contains("ToUUID (\"33db4d5b-1ff7-401c-9657-7441c03dd766\") /* PCI Host Bridge Device */", source, StringComparison.Ordinal);
            Assert.Contains("Notify (\\_SB.PCI0, One)", source, StringComparison.Ordinal);
            Assert.Contains("Notify (\\_SB.PCI0.S1F, 0x03)", source, StringComparison.Ordinal);
            Assert.Contains("WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,", source, StringComparison.Ordinal);
            Assert.Contains("DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,", source, StringComparison.Ordinal);
            Assert.Contains("QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,", source, StringComparison.Ordinal);
            Assert.Contains("\\_SB.PNEW ()", source, StringComparison.Ordinal);

            // What the compiler thinks of its own disassembly: errors mean the byte code was no AML.
            (int code, string output) = Run("iasl", "-oa", "-p", Path.Combine(directory, "again"), Path.ChangeExtension(dsdt, "dsl"));
            Assert.True(code == 0 && output.Contains(" 0 Errors", StringComparison.Ordinal), output);

            File.WriteAllBytes(Path.Combine(directory, "fadt.dat"), Fadt.Build(0xE_0040));
            string fadt = Disassemble(Path.Combine(directory, "fadt.dat"));
            Assert.Contains("Hardware Reduced (V5) : 1", fadt, StringComparison.Ordinal);
            Assert.Contains("Reset Register Supported (V2) : 1", fadt, StringComparison.Ordinal);
            Assert.Contains("8042 Present on ports 60/64 (V2) : 0", fadt, StringComparison.Ordinal);
            Assert.Contains("CMOS RTC Not Present (V5) : 0", fadt, StringComparison.Ordinal);

            File.WriteAllBytes(Path.Combine(directory, "madt.dat"), Madt.Build(3));
            Assert.Equal(3, Disassemble(Path.Combine(directory, "madt.dat")).Split("[Processor Local APIC]").Length - 1);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void CheckFadt(byte[] fadt)
    {
        Assert.Equal(276, fadt.Length);
        Assert.Equal((6, 5), (fadt[8], fadt[131]));
        Assert.NotEqual(0u, BitConverter.ToUInt32(fadt, 112) & (1u << 20));
        Assert.Equal(PlatformPorts.ResetRegister, BitConverter.ToUInt64(fadt, 120));
        Assert.Equal(PlatformPorts.ResetValue, fadt[128]);
        Assert.Equal(PlatformPorts.SleepControl, BitConverter.ToUInt64(fadt, 248));
        Assert.Equal(PlatformPorts.SleepStatus, BitConverter.ToUInt64(fadt, 260));
        Assert.All(new[] { 116, 244, 256 }, offset => Assert.Equal([1, 8, 0, 1], fadt[offset..(offset + 4)]));
    }

    private static int CountEnabledProcessors(byte[] madt)
    {
        int count = 0;
        for (int at = 44; at < madt.Length; at += madt[at + 1])
        {
            if (madt[at] == 0)
            {
                Assert.Equal((count, count, 1u), (madt[at + 2], madt[at + 3], BitConverter.ToUInt32(madt, at + 4)));
                count++;
            }
        }

        return count;
    }

    private static byte[] ReadTable(BootedMachine machine, ulong address, string signature)
    {
        Assert.InRange(address, Layout.AcpiTables, Layout.AcpiTables + Layout.AcpiTablesLength - 36);
        byte[] table = machine.Read(address, machine.Read<int>(address + 4));
        Assert.Equal(signature, Encoding.ASCII.GetString(table, 0, 4));
        Assert.Equal(0, Sum(table));
        return table;
    }

    private static byte Sum(byte[] bytes) => bytes.Aggregate((byte)0, (sum, value) => (byte)(sum + value));

    private static string Disassemble(string table)
    {
        (int code, string output) = Run("iasl", "-d", table);
        Assert.True(code == 0, output);
        Assert.DoesNotContain("Error", output, StringComparison.OrdinalIgnoreCase);
        return File.ReadAllText(Path.ChangeExtension(table, "dsl"));
    }

    private static (int Code, string Output) Run(string program, params string[] arguments)
    {
        bool isInstalled = Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(path => File.Exists(Path.Combine(path, program)));
        Assert.SkipUnless(isInstalled, $"{program} is not installed (package acpica-tools)");
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
