using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

/// <summary>A submission queue entry; of each of its unions the member that is used here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct io_uring_sqe
{
    [FieldOffset(0)] internal byte opcode;
    [FieldOffset(1)] internal byte flags;
    [FieldOffset(2)] internal ushort ioprio;
    [FieldOffset(4)] internal int fd;
    [FieldOffset(8)] internal ulong off;
    [FieldOffset(16)] internal ulong addr;
    [FieldOffset(24)] internal uint len;
    [FieldOffset(28)] internal uint rw_flags;
    [FieldOffset(32)] internal ulong user_data;
    [FieldOffset(40)] internal ushort buf_index;
    [FieldOffset(42)] internal ushort personality;
    [FieldOffset(44)] internal uint file_index;
    [FieldOffset(48)] internal ulong addr3;
}

/// <summary>A completion queue entry.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct io_uring_cqe
{
    internal ulong user_data;
    internal int res;
    internal uint flags;
}

/// <summary>Where the parts of the submission ring lie in its mapping.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct io_sqring_offsets
{
    internal uint head;
    internal uint tail;
    internal uint ring_mask;
    internal uint ring_entries;
    internal uint flags;
    internal uint dropped;
    internal uint array;
    internal uint resv1;
    internal ulong resv2;
}

/// <summary>Where the parts of the completion ring lie in its mapping.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct io_cqring_offsets
{
    internal uint head;
    internal uint tail;
    internal uint ring_mask;
    internal uint ring_entries;
    internal uint overflow;
    internal uint cqes;
    internal uint flags;
    internal uint resv1;
    internal ulong resv2;
}

/// <summary>What io_uring_setup takes and gives.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct io_uring_params
{
    [FieldOffset(0)] internal uint sq_entries;
    [FieldOffset(4)] internal uint cq_entries;
    [FieldOffset(8)] internal uint flags;
    [FieldOffset(12)] internal uint sq_thread_cpu;
    [FieldOffset(16)] internal uint sq_thread_idle;
    [FieldOffset(20)] internal uint features;
    [FieldOffset(24)] internal uint wq_fd;
    [FieldOffset(40)] internal io_sqring_offsets sq_off;
    [FieldOffset(80)] internal io_cqring_offsets cq_off;
}

/// <summary>The head of what IORING_REGISTER_PROBE fills; one <see cref="io_uring_probe_op"/> an operation follows.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct io_uring_probe
{
    [FieldOffset(0)] internal byte last_op;
    [FieldOffset(1)] internal byte ops_len;
}

/// <summary>Whether the kernel knows one operation.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct io_uring_probe_op
{
    [FieldOffset(0)] internal byte op;
    [FieldOffset(2)] internal ushort flags;
}

/// <summary>One thing a ring may be used for.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct io_uring_restriction
{
    [FieldOffset(0)] internal ushort opcode;
    [FieldOffset(2)] internal byte sqe_op;
    [FieldOffset(2)] internal byte sqe_flags;
}

internal static partial class LibC
{
    // Calls that came after 2019 have one number on every architecture.
    internal const int SYS_io_uring_setup = 425;
    internal const int SYS_io_uring_enter = 426;
    internal const int SYS_io_uring_register = 427;

    internal const uint IORING_SETUP_R_DISABLED = 1 << 6;
    internal const uint IORING_SETUP_SUBMIT_ALL = 1 << 7;
    internal const uint IORING_SETUP_COOP_TASKRUN = 1 << 8;
    internal const uint IORING_FEAT_SINGLE_MMAP = 1 << 0;
    internal const uint IORING_FEAT_NODROP = 1 << 1;
    internal const uint IORING_FEAT_SUBMIT_STABLE = 1 << 2;
    internal const long IORING_OFF_SQ_RING = 0;
    internal const long IORING_OFF_SQES = 0x10000000;
    internal const uint IORING_ENTER_GETEVENTS = 1;
    internal const int IORING_REGISTER_FILES = 2;
    internal const int IORING_REGISTER_PROBE = 8;
    internal const int IORING_REGISTER_RESTRICTIONS = 11;
    internal const int IORING_REGISTER_ENABLE_RINGS = 12;
    internal const ushort IORING_RESTRICTION_SQE_OP = 1;
    internal const ushort IORING_RESTRICTION_SQE_FLAGS_ALLOWED = 2;
    internal const ushort IORING_RESTRICTION_SQE_FLAGS_REQUIRED = 3;
    internal const int IO_URING_OP_SUPPORTED = 1;
    internal const byte IOSQE_FIXED_FILE = 1;
    internal const byte IORING_OP_READV = 1;
    internal const byte IORING_OP_WRITEV = 2;
    internal const byte IORING_OP_FSYNC = 3;
    internal const byte IORING_OP_FALLOCATE = 17;
    internal const byte IORING_OP_READ = 22;
    internal const byte IORING_OP_WRITE = 23;
    internal const uint IORING_FSYNC_DATASYNC = 1;
    internal const uint RWF_DSYNC = 2;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint io_uring_setup(nint number, nint entries, ref io_uring_params parameters);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint io_uring_enter(
        nint number, nint ring, nint toSubmit, nint minComplete, nint flags, nint signalMask, nint signalMaskSize);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint io_uring_register(nint number, nint ring, nint operation, ref byte argument, nint count);
}
