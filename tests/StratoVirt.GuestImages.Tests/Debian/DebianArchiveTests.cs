using System.Formats.Tar;
using CsCheck;
using StratoVirt.GuestImages.Debian;
using Xunit;

namespace StratoVirt.GuestImages.Tests.Debian;

/// <summary>The files of a package, whose bytes come from elsewhere.</summary>
public sealed class DebianArchiveTests
{
    private const int BlockLength = 512;

    [Fact]
    public void Files_come_in_order_without_the_merged_prefix()
    {
        List<(string Path, long Length)> seen = [];
        DebianArchive.Visit(new OneWayStream(Archive()), (path, length, _) => Add(seen, path, length), CancellationToken.None);
        Assert.Equal([("lib/modules/a.ko", 700), ("bin/busybox", 3)], seen);
    }

    [Fact]
    public void Any_damage_is_refused_as_such() =>
        Gen.Select(Gen.Select(Gen.Int[0, Archive().Length - 1], Gen.Byte).Array[1, 8], Gen.Int[0, Archive().Length]).Sample(
            (changes, length) =>
            {
                byte[] archive = Archive();
                foreach ((int at, byte value) in changes)
                {
                    archive[at] = value;
                }

                Read(archive.AsSpan(0, length).ToArray());
            },
            iter: 2000);

    // The size field of a header is 12 bytes at 124: octal digits, or binary behind a first byte of 0x80 (GNU).
    [Theory]
    [InlineData("373737373737373737373700")]
    [InlineData("80000000FFFFFFFFFFFFFFFF")]
    public void A_file_larger_than_its_archive_is_damage(string size)
    {
        byte[] archive = Archive();
        Convert.FromHexString(size).CopyTo(archive.AsSpan(124));
        SealFirstHeader(archive);
        Assert.False(Read(archive));
    }

    // The kind of an entry is the byte at 156; 'S' is GNU's sparse file.
    [Theory]
    [InlineData('S')]
    [InlineData('M')]
    [InlineData('?')]
    public void A_kind_of_entry_that_no_package_has_is_skipped_or_damage(char kind)
    {
        byte[] archive = Archive();
        archive[156] = (byte)kind;
        SealFirstHeader(archive);
        _ = Read(archive);
    }

    private static void SealFirstHeader(Span<byte> archive)
    {
        archive.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in archive[..BlockLength])
        {
            sum += value;
        }

        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(archive[148..]);
    }

    private static bool Read(byte[] archive)
    {
        try
        {
            byte[] buffer = new byte[1000];
            long total = 0;
            DebianArchive.Visit(
                new OneWayStream(archive),
                (_, _, content) =>
                {
                    for (int count; (count = content.Read(buffer)) > 0; total += count)
                    {
                        Assert.True(total <= archive.Length, "more came out than went in");
                    }

                    return true;
                },
                CancellationToken.None);
            return true;
        }
        catch (Exception cause) when (DebianArchive.IsDamage(cause))
        {
            return false;
        }
    }

    private static byte[] Archive()
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, TarEntryFormat.Gnu, leaveOpen: true))
        {
            writer.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, "./usr/lib/modules/a.ko") { DataStream = new MemoryStream(new byte[700]) });
            writer.WriteEntry(new GnuTarEntry(TarEntryType.Directory, "./bin"));
            writer.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, "./bin/busybox") { DataStream = new MemoryStream("abc"u8.ToArray()) });
        }

        return archive.ToArray();
    }

    private static bool Add(List<(string Path, long Length)> seen, string path, long length)
    {
        seen.Add((path, length));
        return true;
    }
}
