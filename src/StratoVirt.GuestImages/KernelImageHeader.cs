using System.Buffers.Binary;
using System.Text;

namespace StratoVirt.GuestImages;

/// <summary>The release a kernel image names in its header, where its format has a place for it.</summary>
internal static class KernelImageHeader
{
    // Documentation/arch/x86/boot.rst: "HdrS" at 0x202; kernel_version at 0x20E is an offset less 0x200.
    private const int MagicOffset = 0x202;
    private const int VersionPointerOffset = 0x20E;
    private const int VersionBase = 0x200;
    private const int ReadSize = 64 * 1024;
    private const int VersionLimit = 128;

    /// <summary>For example <c>6.1.0-56-amd64</c>; empty if the image is no bzImage or names none.</summary>
    /// <exception cref="GuestImageException">The file cannot be read.</exception>
    public static string ReadRelease(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] buffer = new byte[ReadSize];
            return ParseRelease(buffer.AsSpan(0, file.ReadAtLeast(buffer, ReadSize, throwOnEndOfStream: false)));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new GuestImageException(
                GuestImageErrorId.FileUnusable,
                $"The kernel '{path}' cannot be read.",
                "Check the path and its permissions.",
                cause);
        }
    }

    internal static string ParseRelease(ReadOnlySpan<byte> image)
    {
        if (image.Length < VersionPointerOffset + 2 || !image[MagicOffset..].StartsWith("HdrS"u8))
        {
            return string.Empty;
        }

        int offset = BinaryPrimitives.ReadUInt16LittleEndian(image[VersionPointerOffset..]);
        if (offset == 0 || offset + VersionBase >= image.Length)
        {
            return string.Empty;
        }

        ReadOnlySpan<byte> text = image[(offset + VersionBase)..];
        int end = text.IndexOfAny((byte)0, (byte)' ');
        return end is > 0 and <= VersionLimit ? Encoding.Latin1.GetString(text[..end]) : string.Empty;
    }
}
