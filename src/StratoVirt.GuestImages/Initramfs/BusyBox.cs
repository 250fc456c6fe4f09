using System.Buffers.Binary;
using StratoVirt.GuestImages.Debian;

namespace StratoVirt.GuestImages.Initramfs;

/// <summary>The one program in the guest. It must be static: there are no libraries beside it.</summary>
internal static class BusyBox
{
    private const string HostPath = "/bin/busybox";
    private const int SizeLimit = 32 * 1024 * 1024;
    private const int ElfHeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const uint SegmentInterpreter = 3;

    /// <summary>Returns busybox from the file named, else the host's if it is static, else from Debian's package.</summary>
    public static byte[] Get(
        string? path, DebianPackageSource packages, CancellationToken cancellationToken)
    {
        if (path is not null)
        {
            return TryRead(path) ?? throw new GuestImageException(
                GuestImageErrorId.FileUnusable,
                $"'{path}' is no statically linked 64-bit program.",
                "Name a static busybox, for example the one in Debian's package busybox-static.");
        }

        return TryRead(HostPath) ?? FromPackage(packages, cancellationToken);
    }

    /// <summary>Whether the bytes are a 64-bit ELF program that asks for no interpreter.</summary>
    public static bool IsStatic(ReadOnlySpan<byte> image)
    {
        if (image.Length < ElfHeaderSize || !image.StartsWith("\u007fELF"u8) || image[4] != 2 || image[5] != 1
            || BinaryPrimitives.ReadUInt16LittleEndian(image[16..]) is not (2 or 3))
        {
            return false;
        }

        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(image[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(image[56..]);
        ulong length = (ulong)count * ProgramHeaderSize;
        if (count == 0 || table > (ulong)image.Length || length > (ulong)image.Length - table)
        {
            return false;
        }

        ReadOnlySpan<byte> headers = image.Slice((int)table, (int)length);
        for (int index = 0; index < count; index++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(headers[(index * ProgramHeaderSize)..]) == SegmentInterpreter)
            {
                return false;
            }
        }

        return true;
    }

    private static byte[]? TryRead(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length is 0 or > SizeLimit)
            {
                return null;
            }

            byte[] image = new byte[file.Length];
            file.ReadExactly(image);
            return IsStatic(image) ? image : null;
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new GuestImageException(
                GuestImageErrorId.FileUnusable, $"'{path}' cannot be read.", "Check its permissions.", cause);
        }
    }

    private static byte[] FromPackage(DebianPackageSource packages, CancellationToken cancellationToken)
    {
        try
        {
            DebianPackage package = packages.Find("busybox-static", version: null, cancellationToken);
            byte[]? image = null;
            DebianArchive.Visit(
                packages.Fetch(package, cancellationToken),
                (path, size, content) =>
                {
                    if (path == "bin/busybox" && size is > 0 and <= SizeLimit)
                    {
                        image = new byte[size];
                        content.ReadExactly(image);
                    }

                    return image is null;
                },
                cancellationToken);
            if (image is not null && IsStatic(image))
            {
                return image;
            }
        }
        catch (GuestImageException cause) when (cause.Id is GuestImageErrorId.AptMissing)
        {
            throw Missing(cause);
        }

        throw Missing(cause: null);
    }

    private static GuestImageException Missing(Exception? cause) => new(
        GuestImageErrorId.BusyBoxMissing,
        $"There is no statically linked busybox at {HostPath}, and none in a Debian package.",
        "Name one with -BusyBox.",
        cause);
}
