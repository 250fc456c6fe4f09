using System.Text;

namespace StratoVirt.GuestImages.Initramfs;

/// <summary>
/// A cpio archive in the "newc" format the kernel unpacks as initramfs (Documentation/driver-api/early-userspace/
/// buffer-format.rst). The same entries give the same bytes: sorted by path, owned by root, dated 1970.
/// </summary>
internal sealed class CpioArchive
{
    private const uint TypeDirectory = 0x4000;
    private const uint TypeCharacterDevice = 0x2000;
    private const uint TypeFile = 0x8000;
    private const uint TypeSymbolicLink = 0xA000;

    // A header is 6 bytes of magic and 13 fields of 8 hexadecimal digits; names and contents are padded to 4 bytes.
    private const int HeaderSize = 110;
    private const int Alignment = 4;
    private const string Trailer = "TRAILER!!!";

    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Adds a directory; parents are the caller's to add.</summary>
    public void AddDirectory(string path, UnixFileMode mode) => Add(path, new Entry(TypeDirectory | (uint)mode, [], 0, 0));

    /// <summary>Adds a regular file.</summary>
    public void AddFile(string path, UnixFileMode mode, byte[] content) =>
        Add(path, new Entry(TypeFile | (uint)mode, content, 0, 0));

    /// <summary>Adds a symbolic link.</summary>
    public void AddSymbolicLink(string path, string target) =>
        Add(path, new Entry(TypeSymbolicLink | 0x1FF, Encoding.UTF8.GetBytes(target), 0, 0));

    /// <summary>Adds a character device; needs no privilege here, unlike mknod(2).</summary>
    public void AddCharacterDevice(string path, UnixFileMode mode, uint major, uint minor) =>
        Add(path, new Entry(TypeCharacterDevice | (uint)mode, [], major, minor));

    /// <summary>Writes the archive.</summary>
    public void WriteTo(Stream output)
    {
        uint inode = 1;
        foreach ((string path, Entry entry) in _entries)
        {
            Write(output, path, entry, inode++);
        }

        Write(output, Trailer, new Entry(0, [], 0, 0), inode: 0);
    }

    private void Add(string path, Entry entry)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path[0] == '/' || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("Paths in an archive are relative and hold no NUL.", nameof(path));
        }

        _entries.Add(path, entry);
    }

    private static void Write(Stream output, string path, Entry entry, uint inode)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + "\0");
        uint links = (entry.Mode & 0xF000) == TypeDirectory ? 2u : 1u;
        string header = "070701"
            + Hex(inode) + Hex(entry.Mode)
            + Hex(0) + Hex(0) // owner and group
            + Hex(links)
            + Hex(0) // modification time
            + Hex((uint)entry.Content.Length)
            + Hex(0) + Hex(0) // device the file is on
            + Hex(entry.Major) + Hex(entry.Minor)
            + Hex((uint)name.Length)
            + Hex(0); // checksum, unused in this variant
        output.Write(Encoding.ASCII.GetBytes(header));
        output.Write(name);
        Pad(output, HeaderSize + name.Length);
        output.Write(entry.Content);
        Pad(output, entry.Content.Length);
    }

    private static string Hex(uint value) => value.ToString("X8");

    private static void Pad(Stream output, int written)
    {
        Span<byte> zeros = stackalloc byte[Alignment];
        zeros.Clear();
        output.Write(zeros[..(-written & (Alignment - 1))]);
    }

    private readonly record struct Entry(uint Mode, byte[] Content, uint Major, uint Minor);
}
