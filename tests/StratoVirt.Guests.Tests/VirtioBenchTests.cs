using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace StratoVirt.Guests.Tests;

/// <summary>Lets the benchmark guest drive another VMM's devices: what it counts must be what the host sees.</summary>
public sealed class VirtioBenchTests
{
    private const string Qemu = "/usr/bin/qemu-system-x86_64";
    private const int SectorSize = 512;
    private const int Sectors = 2048;

    [Theory]
    [InlineData("blk-read size=4096 depth=1 count=50 seed=1", 50, 4096)]
    [InlineData("blk-read size=4096 depth=32 count=300 seed=1", 300, 4096)]
    [InlineData("blk-read size=131072 depth=8 count=20", 20, 131072)]
    [InlineData("blk-read size=1024 depth=3 count=2", 2, 1024)]
    public async Task It_reads_what_is_there(string commandLine, int count, int size)
    {
        string[] words = await RunOnDiskAsync(commandLine, Image(0));
        Assert.Equal(["RESULT", $"{count}", $"{count * size}"], words[..3]);
        Assert.True(long.Parse(words[3], CultureInfo.InvariantCulture) > 0);
        Assert.Equal("0", words[4]);
    }

    [Fact]
    public async Task It_counts_every_request_that_brings_other_data()
    {
        string[] words = await RunOnDiskAsync("blk-read size=4096 depth=4 count=40", Image(1));
        Assert.Equal(["RESULT", "40", "0"], words[..3]);
        Assert.Equal("40", words[4]);
    }

    [Fact]
    public async Task It_writes_one_request_behind_the_other()
    {
        byte[] image = new byte[Sectors * SectorSize];
        string[] words = await RunOnDiskAsync("blk-write size=4096 depth=8 count=100", image);
        Assert.Equal("0", words[4]);
        for (int sector = 0; sector < Sectors; sector++)
        {
            bool stamped = sector < 100 * 8;
            Assert.Equal(stamped ? sector : 0, BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan(sector * SectorSize)));
        }
    }

    [Fact]
    public async Task It_reads_random_numbers()
    {
        string[] words = await RunAsync("rng-read size=64 depth=2 count=20", "-object", "rng-builtin,id=r", "-device", "virtio-rng-device,rng=r");
        Assert.Equal(["RESULT", "20", "1280"], words[..3]);
        Assert.Equal("0", words[4]);
    }

    [Fact]
    public async Task It_writes_to_a_console()
    {
        string path = Path.GetTempFileName();
        try
        {
            string[] words = await RunAsync(
                "console-send size=512 depth=4 count=40",
                "-chardev", $"file,id=c,path={path}", "-device", "virtio-serial-device", "-device", "virtconsole,chardev=c");
            Assert.Equal(["RESULT", "40", "20480"], words[..3]);
            Assert.Equal(20480, new FileInfo(path).Length);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("blk-read size=4096 depth=1 count=1", "FAIL there is no such device")]
    [InlineData("blk-read size=4096 depth=33 count=1", "FAIL the command line is wrong")]
    [InlineData("blk-read depth=1 count=1", "FAIL the command line is wrong")]
    [InlineData("nothing", "FAIL the command line is wrong")]
    public async Task It_says_what_is_wrong(string commandLine, string expected) =>
        Assert.Equal(expected, string.Join(' ', await RunAsync(commandLine)));

    private static byte[] Image(int first)
    {
        var image = new byte[Sectors * SectorSize];
        for (int sector = 0; sector < Sectors; sector++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(sector * SectorSize), first + sector);
        }

        return image;
    }

    private static async Task<string[]> RunOnDiskAsync(string commandLine, byte[] image)
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, image, TestContext.Current.CancellationToken);
            string[] words = await RunAsync(
                commandLine, "-drive", $"if=none,id=d,format=raw,file={path}", "-device", "virtio-blk-device,drive=d");
            (await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)).CopyTo(image, 0);
            return words;
        }
        finally
        {
            File.Delete(path);
        }
    }

    // The last line, in words.
    private static async Task<string[]> RunAsync(string commandLine, params string[] device)
    {
        const int PoweredOff = (0x34 << 1) | 1;
        Assert.SkipUnless(File.Exists(Qemu), $"{Qemu} is not installed.");
        string guest = Path.GetTempFileName();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        using var qemu = new Process
        {
            StartInfo = new ProcessStartInfo(
                Qemu,
                [
                    "-M", "microvm,acpi=on", "-accel", "tcg", "-m", "64", "-kernel", guest, "-append", commandLine,
                    "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot",
                    "-global", "virtio-mmio.force-legacy=false", "-device", "isa-debug-exit,iobase=0x600", .. device,
                ])
            { RedirectStandardOutput = true },
        };
        try
        {
            await File.WriteAllBytesAsync(guest, VirtioBenchGuest.Assemble(), timeout.Token);
            qemu.Start();
            try
            {
                string output = await qemu.StandardOutput.ReadToEndAsync(timeout.Token);
                await qemu.WaitForExitAsync(timeout.Token);
                Assert.Equal(PoweredOff, qemu.ExitCode);
                return output.Trim().Split("\r\n")[^1].Split(' ');
            }
            finally
            {
                if (!qemu.HasExited)
                {
                    qemu.Kill();
                }
            }
        }
        finally
        {
            File.Delete(guest);
        }
    }
}
