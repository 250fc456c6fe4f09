using System.Formats.Tar;
using System.Text;
using StratoVirt.GuestImages;
using StratoVirt.GuestImages.Debian;
using StratoVirt.GuestImages.Initramfs;
using StratoVirt.GuestImages.Modules;
using StratoVirt.GuestImages.Tests;

namespace StratoVirt.Fuzz;

/// <summary>What a guest image is made from: kernel modules, programs, packages and lists of a distribution. Each is read,
/// or refused with a <see cref="GuestImageException"/>.</summary>
internal static class ImageTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        new("module", () => [ModuleImage.Create("virtio_ring,virtio"), ModuleImage.CreateWithInfo("a=b\0")], ReadModule),
        new("program", () => [ModuleImage.Create("none")], input => BusyBox.IsStatic(input)),
        new("kernel-release", KernelSeeds, input => KernelImageHeader.ParseRelease(input)),
        new("package-record", RecordSeeds, ReadRecord),
        new("package-files", ArchiveSeeds, ReadArchive),
        new("builtin-modules", () => ["kernel/drivers/virtio/virtio.ko\nkernel/fs/ext4/ext4.ko\n"u8.ToArray()], ReadList),
    ];

    private static void ReadModule(byte[] input)
    {
        try
        {
            ModuleInfo module = ModuleInfoReader.Read("fuzz", input);
            if (!module.Depends.All(ModuleName.IsValid))
            {
                throw new InvalidOperationException("A module depends on what is no module.");
            }
        }
        catch (GuestImageException)
        {
            // Refused.
        }
    }

    private static void ReadRecord(byte[] input)
    {
        DebianPackage? package = DebianPackage.Parse(Encoding.UTF8.GetString(input));
        _ = package?.FindDependency("linux-image-");
        _ = package is not null && DebianPackage.IsValidName(package.Name);
    }

    private static void ReadArchive(byte[] input)
    {
        // Of a file that says it is larger than the archive, no more may come than there is.
        byte[] buffer = new byte[4096];
        try
        {
            DebianArchive.Visit(
                new OneWayStream(input),
                (_, _, content) =>
                {
                    long total = 0;
                    for (int count; (count = content.Read(buffer)) > 0; total += count)
                    {
                        if (total > input.Length)
                        {
                            throw new InvalidOperationException("A file of an archive is longer than the archive.");
                        }
                    }

                    return true;
                },
                CancellationToken.None);
        }
        catch (Exception cause) when (DebianArchive.IsDamage(cause))
        {
            // Refused.
        }
    }

    private static void ReadList(byte[] input) => BuiltInModules.Parse(new StreamReader(new MemoryStream(input)));

    private static IEnumerable<byte[]> KernelSeeds()
    {
        byte[] header = new byte[0x400];
        "HdrS"u8.CopyTo(header.AsSpan(0x202));
        header[0x20F] = 1;
        "6.1.0-56-amd64 (debian)"u8.CopyTo(header.AsSpan(0x300));
        yield return header;
    }

    private static IEnumerable<byte[]> RecordSeeds() =>
    [
        Encoding.UTF8.GetBytes($"""
            Package: linux-image-amd64
            Version: 6.1.158-1
            Size: 1400
            SHA256: {new string('a', 64)}
            Depends: linux-image-6.1.0-41-amd64 (= 6.1.158-1), kmod | other
            Description: the kernel
             and more of it

            """),
    ];

    private static IEnumerable<byte[]> ArchiveSeeds()
    {
        foreach (TarEntryFormat format in (TarEntryFormat[])[TarEntryFormat.Gnu, TarEntryFormat.Pax, TarEntryFormat.Ustar, TarEntryFormat.V7])
        {
            using MemoryStream archive = new();
            using (TarWriter writer = new(archive, format, leaveOpen: true))
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, "./usr/lib/modules/a.ko"),
                    TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, $"./{new string('n', 200)}"),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, "bin/busybox"),
                    _ => new V7TarEntry(TarEntryType.V7RegularFile, "a"),
                };
                entry.DataStream = new MemoryStream(new byte[700]);
                writer.WriteEntry(entry);
            }

            yield return archive.ToArray();
        }
    }
}
