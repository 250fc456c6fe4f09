using System.Globalization;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Storage;

/// <summary>What the host says of a file or block device that holds an image.</summary>
/// <param name="IsBlockDevice">A block device rather than a regular file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="LogicalBlock">Bytes of the smallest unit the device addresses; 512 for a file.</param>
/// <param name="PhysicalBlock">Bytes of the smallest unit it writes without reading; 4096 for a file.</param>
/// <param name="CanPunchHoles">Whether ranges can be given back and read as zero then.</param>
/// <param name="CanDiscard">Whether ranges can be given back at least, whatever they read as then: a device that knows
/// TRIM and no more.</param>
public readonly record struct StorageFacts(
    bool IsBlockDevice, long Length, int LogicalBlock, int PhysicalBlock, bool CanPunchHoles, bool CanDiscard)
{
    private const int Sector = 512;
    private const int Page = 4096;

    /// <summary>Opens a file or block device; null and the error number when the kernel refuses.</summary>
    /// <param name="path">Where it is. A pipe at that place does not make the call wait.</param>
    /// <param name="readOnly">For reading only; else for reading and writing.</param>
    /// <param name="direct">Past the page cache.</param>
    /// <param name="errno">Why it cannot be opened.</param>
    public static FileDescriptor? TryOpen(string path, bool readOnly, bool direct, out Errno errno)
    {
        OpenFlags access = readOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite;
        OpenFlags kept = direct ? DirectIo.OpenFlag : 0;
        FileDescriptor? file = FileDescriptor.TryOpen(path, access | kept | OpenFlags.NonBlocking, 0, out errno);

        // Left on, a ring would fail where it should wait.
        if (file is not null && LibC.fcntl(file, LibC.F_SETFL, (nint)kept) < 0)
        {
            errno = LinuxException.LastErrno;
            file.Dispose();
            return null;
        }

        return file;
    }

    /// <summary>Asks the host.</summary>
    /// <exception cref="LinuxException">The descriptor is neither a file nor a block device.</exception>
    public static StorageFacts Of(FileDescriptor file)
    {
        ArgumentNullException.ThrowIfNull(file);
        statx status = Status(file);
        if ((status.stx_mode & LibC.S_IFMT) == LibC.S_IFREG)
        {
            return new StorageFacts(false, (long)status.stx_size, Sector, Page, FileCanPunch(file, (long)status.stx_size), CanDiscard: false);
        }

        if ((status.stx_mode & LibC.S_IFMT) != LibC.S_IFBLK)
        {
            throw new LinuxException("open", Errno.InvalidArgument);
        }

        if (LibC.ioctl(file, LibC.BLKSSZGET, out uint logical) < 0 || LibC.ioctl(file, LibC.BLKPBSZGET, out uint physical) < 0)
        {
            throw LinuxException.Last("BLKSSZGET");
        }

        string queue = QueueOf(status);
        bool discards = IsAboveZero($"{queue}/discard_max_bytes");

        // A device that takes no "write zeroes" would have to be written with zeroes, which gives nothing back.
        bool punches = discards && IsAboveZero($"{queue}/write_zeroes_max_bytes");
        return new StorageFacts(true, DeviceLength(file), (int)logical, (int)physical, punches, discards);
    }

    /// <summary>Bytes there are now.</summary>
    /// <exception cref="LinuxException">The descriptor is not open.</exception>
    public static long LengthOf(FileDescriptor file)
    {
        ArgumentNullException.ThrowIfNull(file);
        statx status = Status(file);
        return (status.stx_mode & LibC.S_IFMT) == LibC.S_IFBLK ? DeviceLength(file) : (long)status.stx_size;
    }

    private static statx Status(FileDescriptor file) =>
        LibC.statx(file, string.Empty, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, out statx status) == 0
            ? status
            : throw LinuxException.Last("statx");

    private static long DeviceLength(FileDescriptor device) =>
        LibC.ioctl(device, LibC.BLKGETSIZE64, out ulong length) < 0 ? throw LinuxException.Last("BLKGETSIZE64") : (long)length;

    // A hole behind the end changes nothing, and is refused where holes are not known.
    private static bool FileCanPunch(FileDescriptor file, long length) =>
        FileCall.PunchHole(length, Page).Execute(file) == 0;

    // A partition has no queue directory: its disk has.
    private static string QueueOf(in statx status)
    {
        string device = string.Create(
            CultureInfo.InvariantCulture, $"/sys/dev/block/{status.stx_rdev_major}:{status.stx_rdev_minor}");
        return Directory.Exists($"{device}/queue") ? $"{device}/queue" : $"{device}/../queue";
    }

    private static bool IsAboveZero(string attribute) =>
        File.Exists(attribute)
        && long.TryParse(File.ReadAllText(attribute).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long value)
        && value > 0;
}
