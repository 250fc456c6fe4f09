using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Traps;

namespace StratoVirt.Linux.Handles;

/// <summary>A mapping of this process made with mmap(2), unmapped exactly once.</summary>
public sealed class MemoryMapping : SafeHandle
{
    private bool _isGuarded;

    private MemoryMapping(nint address, nuint length)
        : base(LibC.MAP_FAILED, ownsHandle: true)
    {
        SetHandle(address);
        Length = length;
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == LibC.MAP_FAILED;

    /// <summary>Length in bytes, a multiple of the page size.</summary>
    public nuint Length { get; }

    /// <summary>Where it begins in this process (host virtual address).</summary>
    public nint Address => handle;

    /// <summary>Maps zeroed private memory that takes no host memory until touched.</summary>
    /// <exception cref="LinuxException">The host refuses that much address space.</exception>
    public static MemoryMapping CreateAnonymous(nuint length) =>
        Map(length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE, -1, 0);

    /// <summary>Maps zeroed private memory whose address is a multiple of <paramref name="alignment"/>. Guest RAM wants
    /// 2 MiB: a huge page backs a guest only where guest and host addresses agree in their low 21 bits.</summary>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <param name="alignment">Bytes, a power of two and a multiple of the page size.</param>
    /// <exception cref="LinuxException">The host refuses that much address space.</exception>
    public static MemoryMapping CreateAnonymousAligned(nuint length, nuint alignment)
    {
        if (!nuint.IsPow2(alignment) || alignment % (nuint)Environment.SystemPageSize != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(alignment), alignment, "Not a power of two of whole pages.");
        }

        nuint reserved = checked(length + alignment);
        using MemoryMapping wide = CreateAnonymous(reserved);
        nint start = (nint)(((nuint)wide.Address + alignment - 1) & ~(alignment - 1));
        nuint head = (nuint)(start - wide.Address);
        nuint tail = alignment - head;
        nint wideAddress = wide.Address;
        wide.SetHandleAsInvalid();
        if (head != 0)
        {
            _ = LibC.munmap(wideAddress, head);
        }

        if (tail != 0)
        {
            _ = LibC.munmap(start + (nint)length, tail);
        }

        return new MemoryMapping(start, length);
    }

    /// <summary>Maps part of a descriptor, shared with everybody who maps it.</summary>
    /// <param name="file">What to map.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="offset">Bytes from the start of the file, page aligned.</param>
    /// <exception cref="LinuxException">The descriptor cannot be mapped.</exception>
    public static MemoryMapping CreateShared(FileDescriptor file, nuint length, long offset = 0)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Map(length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, file.Number, offset);
    }

    /// <summary>Maps a descriptor so that what is written stays in this process and is forgotten with the mapping.</summary>
    /// <param name="file">What to map; open for reading at least.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="LinuxException">The descriptor cannot be mapped.</exception>
    public static MemoryMapping CreatePrivate(FileDescriptor file, nuint length)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Map(length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_NORESERVE, file.Number, 0);
    }

    /// <summary>Gives advice to the kernel about a range (madvise). Failure is reported, not thrown: it is advice.</summary>
    public Errno Advise(nuint offset, nuint length, MemoryAdvice advice)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return LibC.madvise(handle + (nint)offset, length, (int)advice) < 0 ? LinuxException.LastErrno : Errno.None;
    }

    /// <summary>Puts zeroed private memory in the place of the mapping's end: of what lies behind the end of a file that
    /// was cut. Whoever touches it meanwhile finds one or the other.</summary>
    /// <param name="offset">Bytes from the start that stay, a multiple of the page size.</param>
    /// <exception cref="LinuxException">The process has as many mappings as it may have.</exception>
    public void ReplaceFrom(nuint offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Length);
        const int flags = LibC.MAP_FIXED | LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | LibC.MAP_NORESERVE;
        if (LibC.mmap(handle + (nint)offset, Length - offset, LibC.PROT_READ | LibC.PROT_WRITE, flags, -1, 0) == LibC.MAP_FAILED)
        {
            throw LinuxException.Last("mmap");
        }
    }

    /// <summary>From now on a thread of this process that touches a page behind the end of the mapped file finds zeroed
    /// private memory in its place. Without this, or where <see cref="LostPageTrap.IsSupported"/> is false, it ends the
    /// process (SIGBUS).</summary>
    /// <exception cref="LinuxException">The kernel refused, or too many mappings are guarded.</exception>
    public void GuardLostPages()
    {
        LostPageTrap.Guard(handle, Length);
        _isGuarded = true;
    }

    /// <summary>Whether a page was touched so and has been replaced. What is written to it since is in no file.</summary>
    public bool HasLostPages => _isGuarded && !IsClosed && LostPageTrap.HasLost(handle);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (_isGuarded)
        {
            LostPageTrap.Forget(handle);
        }

        return LibC.munmap(handle, Length) == 0;
    }

    private static MemoryMapping Map(nuint length, int protection, int flags, int descriptor, long offset)
    {
        nint address = LibC.mmap(0, length, protection, flags, descriptor, offset);
        return address == LibC.MAP_FAILED ? throw LinuxException.Last("mmap") : new MemoryMapping(address, length);
    }
}
