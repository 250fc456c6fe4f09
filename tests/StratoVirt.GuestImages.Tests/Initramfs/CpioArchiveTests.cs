using System.Diagnostics;
using System.Text;
using CsCheck;
using StratoVirt.GuestImages.Initramfs;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Initramfs;

public class CpioArchiveTests
{
    private const UnixFileMode Mode644 =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    [Fact]
    public void OneFileGivesTheseBytes()
    {
        var archive = new CpioArchive();
        archive.AddFile("a", Mode644, "hi"u8.ToArray());

        // Fields: inode, mode, owner, group, links, time, size, two of the device, two of the node, name's length, sum.
        string expected =
            "070701" + "00000001" + "000081A4" + "00000000" + "00000000" + "00000001" + "00000000" + "00000002"
            + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + "a\0" + "hi\0\0"
            + "070701" + "00000000" + "00000000" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000"
            + "00000000" + "00000000" + "00000000" + "00000000" + "0000000B" + "00000000" + "TRAILER!!!\0" + "\0\0\0";
        Assert.Equal(expected, Encoding.ASCII.GetString(Bytes(archive)));
    }

    [Fact]
    public void EveryKindIsReadBack()
    {
        var archive = new CpioArchive();
        archive.AddSymbolicLink("bin/sh", "busybox");
        archive.AddCharacterDevice("dev/console", UnixFileMode.UserRead | UnixFileMode.UserWrite, 5, 1);
        archive.AddDirectory("bin", Mode644 | UnixFileMode.UserExecute);
        archive.AddDirectory("dev", Mode644 | UnixFileMode.UserExecute);

        List<CpioReader.Entry> entries = CpioReader.Read(Bytes(archive));

        Assert.Equal(["bin", "bin/sh", "dev", "dev/console"], entries.Select(entry => entry.Name));
        Assert.Equal([0x41E4u, 0xA1FFu, 0x41E4u, 0x2180u], entries.Select(entry => entry.Mode));
        Assert.Equal("busybox", Encoding.UTF8.GetString(entries[1].Content));
        Assert.Equal((5u, 1u), (entries[3].Major, entries[3].Minor));
        Assert.All(entries, entry => Assert.Equal((0u, 0u, 0u), (entry.Owner, entry.Group, entry.Time)));
    }

    [Fact]
    public void EveryContentIsReadBackWhateverTheOrder() =>
        Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 1, 20], Gen.Byte.Array[0, 50])[0, 12].Sample(files =>
        {
            var forward = new CpioArchive();
            var backward = new CpioArchive();
            foreach ((string name, byte[] content) in files)
            {
                forward.AddFile(name, Mode644, content);
            }

            foreach ((string name, byte[] content) in files.Reverse())
            {
                backward.AddFile(name, Mode644, content);
            }

            byte[] bytes = Bytes(forward);
            Assert.Equal(bytes, Bytes(backward));
            List<CpioReader.Entry> entries = CpioReader.Read(bytes);
            Assert.Equal(files.Count, entries.Count);
            Assert.All(entries, entry => Assert.Equal(files[entry.Name], entry.Content));
            Assert.Equal(entries.Count, entries.Select(entry => entry.Inode).Distinct().Count());
        });

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a\0b")]
    public void PathsOutsideAnArchivesLanguageAreRefused(string path) =>
        Assert.Throws<ArgumentException>(() => new CpioArchive().AddDirectory(path, Mode644));

    [Fact]
    public void BusyBoxListsIt()
    {
        Assert.SkipUnless(File.Exists("/bin/busybox"), "There is no /bin/busybox.");
        var archive = new CpioArchive();
        archive.AddDirectory("etc", Mode644);
        archive.AddFile("etc/odd-size", Mode644, new byte[5]);
        archive.AddFile("init", Mode644, new byte[3]);

        var start = new ProcessStartInfo("/bin/busybox", ["cpio", "-t"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var cpio = Process.Start(start)!;
        archive.WriteTo(cpio.StandardInput.BaseStream);
        cpio.StandardInput.Close();
        string list = cpio.StandardOutput.ReadToEnd();
        cpio.WaitForExit();

        Assert.Equal("etc\netc/odd-size\ninit\n", list);
        Assert.Equal(0, cpio.ExitCode);
    }

    private static byte[] Bytes(CpioArchive archive)
    {
        using var stream = new MemoryStream();
        archive.WriteTo(stream);
        return stream.ToArray();
    }
}
