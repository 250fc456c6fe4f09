using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Linux.IoUring;

/// <summary>
/// An io_uring: calls on one file are prepared in memory, handed to the kernel many at a time, and done in any order.
/// Used by one thread at a time; allocates nothing once made.
/// </summary>
/// <remarks>Guest memory is not registered with the ring: registering pins it, every page of it, and a machine that
/// has touched little would cost its whole size. What the kernel does for a ring passes no seccomp filter, so the ring
/// itself is restricted, once and for all, to the operations and the file that are used here.</remarks>
public sealed class IoRing : IDisposable
{
    private static readonly byte[] NeededOperations =
    [
        LibC.IORING_OP_READV, LibC.IORING_OP_WRITEV, LibC.IORING_OP_FSYNC, LibC.IORING_OP_FALLOCATE,
        LibC.IORING_OP_READ, LibC.IORING_OP_WRITE,
    ];

    private const uint NeededFeatures =
        LibC.IORING_FEAT_SINGLE_MMAP | LibC.IORING_FEAT_NODROP | LibC.IORING_FEAT_SUBMIT_STABLE;

    private readonly FileDescriptor _ring;
    private readonly FileDescriptor _file;
    private readonly RingMemory _memory;

    private IoRing(FileDescriptor ring, FileDescriptor file, RingMemory memory)
    {
        _ring = ring;
        _file = file;
        _memory = memory;
    }

    /// <summary>Readable while there are completions to take.</summary>
    public FileDescriptor Completions => _ring;

    /// <summary>Calls that may be under way at once: the completion ring holds at least as many.</summary>
    public int Capacity => (int)_memory.Entries;

    /// <summary>Calls prepared and not yet handed over.</summary>
    public int Prepared { get; private set; }

    /// <summary>Makes a ring for one file.</summary>
    /// <param name="file">The file every call is on; must stay open at least as long as the ring.</param>
    /// <param name="entries">Calls under way at once, rounded up to a power of two.</param>
    /// <param name="errno">Why there is none: <see cref="Errno.NotPermitted"/> where a sandbox or the administrator
    /// refuses, <see cref="Errno.NoSystemCall"/> where the kernel is too old or too new to know what is needed.</param>
    public static IoRing? TryCreate(FileDescriptor file, int entries, out Errno errno)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfLessThan(entries, 1);

        // COOP_TASKRUN (5.19): a completion does not interrupt the thread that runs, it is posted with its next call.
        var parameters = new io_uring_params
        {
            flags = LibC.IORING_SETUP_R_DISABLED | LibC.IORING_SETUP_SUBMIT_ALL | LibC.IORING_SETUP_COOP_TASKRUN,
        };
        nint descriptor = LibC.io_uring_setup(LibC.SYS_io_uring_setup, entries, ref parameters);
        if (descriptor < 0 && LinuxException.LastErrno == Errno.InvalidArgument)
        {
            parameters = new io_uring_params { flags = LibC.IORING_SETUP_R_DISABLED };
            descriptor = LibC.io_uring_setup(LibC.SYS_io_uring_setup, entries, ref parameters);
        }

        if (descriptor < 0)
        {
            errno = LinuxException.LastErrno;
            return null;
        }

        var ring = new FileDescriptor((int)descriptor);
        errno = (parameters.features & NeededFeatures) == NeededFeatures && KnowsOperations(ring)
            ? RegisterFile(ring, file)
            : Errno.NoSystemCall;
        errno = errno == Errno.None ? Restrict(ring) : errno;
        if (errno != Errno.None)
        {
            ring.Dispose();
            return null;
        }

        try
        {
            return new IoRing(ring, file, new RingMemory(ring, in parameters));
        }
        catch (LinuxException refused)
        {
            ring.Dispose();
            errno = refused.Errno;
            return null;
        }
    }

    /// <summary>Prepares a call; false when the ring is full and must be handed over first.</summary>
    /// <param name="call">The call; the memory it names stays where it is until its completion is taken.</param>
    /// <param name="token">Comes back with the completion.</param>
    public bool TryPrepare(in FileCall call, ulong token)
    {
        var entry = new io_uring_sqe
        {
            flags = LibC.IOSQE_FIXED_FILE,
            fd = 0,
            off = (ulong)call.Offset,
            addr = (ulong)call.Address,
            len = (uint)call.Length,
            user_data = token,
            rw_flags = call.IsDurable ? LibC.RWF_DSYNC : 0,
        };
        switch (call.Kind)
        {
            case FileCallKind.Read:
                entry.opcode = LibC.IORING_OP_READ;
                break;
            case FileCallKind.Write:
                entry.opcode = LibC.IORING_OP_WRITE;
                break;
            case FileCallKind.ReadVectored:
                entry.opcode = LibC.IORING_OP_READV;
                break;
            case FileCallKind.WriteVectored:
                entry.opcode = LibC.IORING_OP_WRITEV;
                break;
            case FileCallKind.SyncData:
                entry.opcode = LibC.IORING_OP_FSYNC;
                entry.rw_flags = LibC.IORING_FSYNC_DATASYNC;
                break;
            default:
                // fallocate(2) in a ring: the mode in len, the length in addr.
                entry.opcode = LibC.IORING_OP_FALLOCATE;
                entry.addr = call.Length;
                entry.len = (uint)FileCall.AllocateMode(call.Kind);
                break;
        }

        if (!_memory.TryPush(in entry))
        {
            return false;
        }

        Prepared++;
        return true;
    }

    /// <summary>Hands over everything prepared, in one system call, and waits for a completion if asked to.</summary>
    /// <returns>The error that stopped it; what was not taken stays prepared.</returns>
    public Errno Enter(bool wait)
    {
        while (Prepared > 0 || wait)
        {
            nint taken = LibC.io_uring_enter(
                LibC.SYS_io_uring_enter,
                _ring.Number,
                Prepared,
                wait ? 1 : 0,
                wait ? (nint)LibC.IORING_ENTER_GETEVENTS : 0,
                0,
                0);
            if (taken >= 0)
            {
                Prepared -= (int)taken;
                wait = false;
                if (taken == 0)
                {
                    break;
                }
            }
            else if (LinuxException.LastErrno is var errno && errno != Errno.Interrupted)
            {
                return errno;
            }
        }

        return Errno.None;
    }

    /// <summary>Takes back the call prepared last that was not handed over; false when there is none.</summary>
    public bool TryWithdraw(out ulong token)
    {
        token = 0;
        if (Prepared == 0)
        {
            return false;
        }

        Prepared--;
        token = _memory.Pop();
        return true;
    }

    /// <summary>Takes a completion; false when there is none.</summary>
    /// <param name="token">As given with the call.</param>
    /// <param name="result">Bytes moved, or a negative error number.</param>
    public bool TryTake(out ulong token, out int result) => _memory.TryTake(out token, out result);

    /// <summary>Ends the ring. Nothing is under way any more.</summary>
    public void Dispose()
    {
        _memory.Dispose();
        _ring.Dispose();
        GC.KeepAlive(_file);
    }

    private static bool KnowsOperations(FileDescriptor ring)
    {
        const int Operations = 64;
        Span<byte> probe = stackalloc byte[RingMemory.ProbeLength(Operations)];
        probe.Clear();
        if (LibC.io_uring_register(LibC.SYS_io_uring_register, ring.Number, LibC.IORING_REGISTER_PROBE, ref probe[0], Operations) < 0)
        {
            return false;
        }

        foreach (byte operation in NeededOperations)
        {
            if (!RingMemory.IsSupported(probe, operation))
            {
                return false;
            }
        }

        return true;
    }

    // Nothing is registered any more after this, and no other file is reached.
    private static Errno Restrict(FileDescriptor ring)
    {
        Span<io_uring_restriction> restrictions = stackalloc io_uring_restriction[NeededOperations.Length + 2];
        restrictions.Clear();
        for (int i = 0; i < NeededOperations.Length; i++)
        {
            restrictions[i].opcode = LibC.IORING_RESTRICTION_SQE_OP;
            restrictions[i].sqe_op = NeededOperations[i];
        }

        restrictions[^2] = new() { opcode = LibC.IORING_RESTRICTION_SQE_FLAGS_ALLOWED, sqe_flags = LibC.IOSQE_FIXED_FILE };
        restrictions[^1] = new() { opcode = LibC.IORING_RESTRICTION_SQE_FLAGS_REQUIRED, sqe_flags = LibC.IOSQE_FIXED_FILE };
        Span<byte> list = MemoryMarshal.AsBytes(restrictions);
        bool isRestricted =
            LibC.io_uring_register(
                LibC.SYS_io_uring_register, ring.Number, LibC.IORING_REGISTER_RESTRICTIONS, ref list[0], restrictions.Length) >= 0
            && LibC.io_uring_register(
                LibC.SYS_io_uring_register, ring.Number, LibC.IORING_REGISTER_ENABLE_RINGS, ref Unsafe.NullRef<byte>(), 0) >= 0;
        return isRestricted ? Errno.None : LinuxException.LastErrno;
    }

    private static Errno RegisterFile(FileDescriptor ring, FileDescriptor file)
    {
        Span<byte> number = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(number, file.Number);
        return LibC.io_uring_register(LibC.SYS_io_uring_register, ring.Number, LibC.IORING_REGISTER_FILES, ref number[0], 1) < 0
            ? LinuxException.LastErrno
            : Errno.None;
    }
}
