using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Storage;

/// <summary>
/// One positioned call on a file, as data: a thread makes it with <see cref="Execute"/>, a ring takes it with
/// <see cref="IoUring.IoRing.TryPrepare"/>. The memory it names stays where it is until the call is over.
/// </summary>
public readonly struct FileCall
{
    /// <summary>The most pieces of memory in one call.</summary>
    public const int MaxVectors = LibC.IOV_MAX;

    private FileCall(FileCallKind kind, nint address, ulong length, long offset, bool durable = false)
    {
        Kind = kind;
        Address = address;
        Length = length;
        Offset = offset;
        IsDurable = durable;
    }

    /// <summary>What is asked.</summary>
    public FileCallKind Kind { get; }

    /// <summary>Whether a write is on the medium before it counts as done (O_DSYNC, for this call).</summary>
    public bool IsDurable { get; }

    /// <summary>The memory, or the array of vectors.</summary>
    internal nint Address { get; }

    /// <summary>Bytes, or vectors.</summary>
    internal ulong Length { get; }

    /// <summary>Bytes from the start of the file.</summary>
    internal long Offset { get; }

    /// <summary>Reads into one piece of memory.</summary>
    public static FileCall Read(IoVector destination, long offset) =>
        new(FileCallKind.Read, destination.Address, (ulong)destination.Length, offset);

    /// <summary>Writes from one piece of memory.</summary>
    public static FileCall Write(IoVector source, long offset, bool durable) =>
        new(FileCallKind.Write, source.Address, (ulong)source.Length, offset, durable);

    /// <summary>Reads into several pieces.</summary>
    /// <param name="vectors">An array of the pinned heap (<see cref="GC.AllocateArray{T}(int, bool)"/>), alive until
    /// the call is over.</param>
    /// <param name="first">First vector to use.</param>
    /// <param name="count">Vectors to use, at most <see cref="MaxVectors"/>.</param>
    /// <param name="offset">Bytes from the start of the file.</param>
    public static FileCall Read(IoVector[] vectors, int first, int count, long offset) =>
        new(FileCallKind.ReadVectored, AddressOf(vectors, first, count), (ulong)count, offset);

    /// <summary>Writes from several pieces; see <see cref="Read(IoVector[], int, int, long)"/>.</summary>
    public static FileCall Write(IoVector[] vectors, int first, int count, long offset, bool durable) =>
        new(FileCallKind.WriteVectored, AddressOf(vectors, first, count), (ulong)count, offset, durable);

    /// <summary>Makes what was written durable.</summary>
    public static FileCall SyncData() => new(FileCallKind.SyncData, 0, 0, 0);

    /// <summary>Gives a range back; it reads as zero.</summary>
    public static FileCall PunchHole(long offset, long length) => new(FileCallKind.PunchHole, 0, (ulong)length, offset);

    /// <summary>Gives a range of a block device back; it reads as anything.</summary>
    public static FileCall Discard(long offset, long length) => new(FileCallKind.Discard, 0, (ulong)length, offset);

    /// <summary>Makes a range read as zero.</summary>
    public static FileCall ZeroRange(long offset, long length) => new(FileCallKind.ZeroRange, 0, (ulong)length, offset);

    /// <summary>Makes the call on this thread, which may wait long. A signal is no reason to return.</summary>
    /// <returns>Bytes moved, or 0 where none are; a negative error number on failure.</returns>
    public int Execute(FileDescriptor file)
    {
        nint result;
        do
        {
            result = Call(file);
        }
        while (result < 0 && LinuxException.LastErrno == Errno.Interrupted);

        if (result >= 0 && IsDurable)
        {
            result = LibC.fdatasync(file) < 0 ? -1 : result;
        }

        return result < 0 ? -(int)LinuxException.LastErrno : (int)result;
    }

    /// <summary>The mode of fallocate, for the two kinds that are one.</summary>
    internal static int AllocateMode(FileCallKind kind) =>
        LibC.FALLOC_FL_KEEP_SIZE | (kind == FileCallKind.PunchHole ? LibC.FALLOC_FL_PUNCH_HOLE : LibC.FALLOC_FL_ZERO_RANGE);

    private static nint AddressOf(IoVector[] vectors, int first, int count)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)MaxVectors);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)first, (uint)(vectors.Length - count));
        return Marshal.UnsafeAddrOfPinnedArrayElement(vectors, first);
    }

    private nint Call(FileDescriptor file) => Kind switch
    {
        FileCallKind.Read or FileCallKind.Write => CallSingle(file),
        FileCallKind.ReadVectored => LibC.preadv2(file, Address, (int)Length, Offset, 0),
        FileCallKind.WriteVectored => LibC.pwritev2(file, Address, (int)Length, Offset, 0),
        FileCallKind.SyncData => LibC.fdatasync(file),
        FileCallKind.Discard => LibC.ioctl(file, LibC.BLKDISCARD, new DeviceRange((ulong)Offset, Length)),
        _ => LibC.fallocate(file, AllocateMode(Kind), Offset, (long)Length),
    };

    // SAFETY: the address of a local, which the kernel reads before the call returns.
    private unsafe nint CallSingle(FileDescriptor file)
    {
        var single = new iovec { iov_base = Address, iov_len = (nuint)Length };
        return Kind == FileCallKind.Read
            ? LibC.preadv2(file, (nint)(&single), 1, Offset, 0)
            : LibC.pwritev2(file, (nint)(&single), 1, Offset, 0);
    }
}
