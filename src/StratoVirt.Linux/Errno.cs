namespace StratoVirt.Linux;

/// <summary>
/// A Linux error number (<c>errno</c>), as a type of its own so that it cannot be confused with a length or a
/// descriptor. Values are those of <c>asm-generic/errno.h</c>; any other value is legal and prints as a number.
/// </summary>
public enum Errno
{
    /// <summary>No error.</summary>
    None = 0,
    /// <summary>EPERM: operation not permitted.</summary>
    NotPermitted = 1,
    /// <summary>ENOENT: no such file or directory.</summary>
    NoEntry = 2,
    /// <summary>ESRCH: no such process or thread.</summary>
    NoProcess = 3,
    /// <summary>EINTR: interrupted by a signal.</summary>
    Interrupted = 4,
    /// <summary>EIO: input/output error.</summary>
    InputOutput = 5,
    /// <summary>ENXIO: no such device or address.</summary>
    NoDeviceOrAddress = 6,
    /// <summary>E2BIG: argument list too long; KVM says it when an array is too small.</summary>
    TooBig = 7,
    /// <summary>EBADF: bad file descriptor.</summary>
    BadDescriptor = 9,
    /// <summary>EAGAIN: try again.</summary>
    Again = 11,
    /// <summary>ENOMEM: out of memory.</summary>
    NoMemory = 12,
    /// <summary>EACCES: permission denied.</summary>
    AccessDenied = 13,
    /// <summary>EFAULT: bad address.</summary>
    Fault = 14,
    /// <summary>EBUSY: resource busy.</summary>
    Busy = 16,
    /// <summary>EEXIST: exists already.</summary>
    Exists = 17,
    /// <summary>ENODEV: no such device.</summary>
    NoDevice = 19,
    /// <summary>ENOTDIR: not a directory.</summary>
    NotDirectory = 20,
    /// <summary>EISDIR: is a directory.</summary>
    IsDirectory = 21,
    /// <summary>EINVAL: invalid argument.</summary>
    InvalidArgument = 22,
    /// <summary>ENFILE: too many open files on this host.</summary>
    TooManyOpenFilesInSystem = 23,
    /// <summary>EMFILE: too many open files in this process.</summary>
    TooManyOpenFiles = 24,
    /// <summary>ENOTTY: the ioctl does not apply to this descriptor.</summary>
    NotTerminal = 25,
    /// <summary>EFBIG: the file would become too large.</summary>
    FileTooLarge = 27,
    /// <summary>ENOSPC: no space left.</summary>
    NoSpace = 28,
    /// <summary>ESPIPE: nothing to seek in.</summary>
    NotSeekable = 29,
    /// <summary>EROFS: the file system is read-only.</summary>
    ReadOnlyFileSystem = 30,
    /// <summary>EPIPE: broken pipe.</summary>
    BrokenPipe = 32,
    /// <summary>ENOSYS: no such system call.</summary>
    NoSystemCall = 38,
    /// <summary>ENODATA: there is no data.</summary>
    NoData = 61,
    /// <summary>EBADFD: the descriptor is open, but what is behind it has gone.</summary>
    BadDescriptorState = 77,
    /// <summary>EOPNOTSUPP: not supported.</summary>
    NotSupported = 95,
    /// <summary>EADDRINUSE: somebody has the address already.</summary>
    AddressInUse = 98,
    /// <summary>ECONNRESET: the peer has ended the connection.</summary>
    ConnectionReset = 104,
    /// <summary>ENOBUFS: no memory for buffers.</summary>
    NoBufferSpace = 105,
    /// <summary>ETIMEDOUT: timed out.</summary>
    TimedOut = 110,
    /// <summary>ECONNREFUSED: nobody listens there.</summary>
    ConnectionRefused = 111,
}
