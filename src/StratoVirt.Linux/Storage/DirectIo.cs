using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Storage;

/// <summary>I/O that goes past the page cache.</summary>
/// <param name="Memory">Bytes to a multiple of which addresses in memory must be aligned.</param>
/// <param name="Offset">Bytes to a multiple of which offsets and lengths must be aligned.</param>
public readonly record struct DirectIo(int Memory, int Offset)
{
    private const int Page = 4096;

    /// <summary>O_DIRECT, which has another value on each architecture.</summary>
    public static OpenFlags OpenFlag => (OpenFlags)(RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? Abi.X64.OpenFlag.O_DIRECT
        : Abi.Arm64.OpenFlag.O_DIRECT);

    /// <summary>What a file opened with <see cref="OpenFlag"/> asks for.</summary>
    /// <exception cref="LinuxException">The descriptor is not open.</exception>
    public static DirectIo Of(FileDescriptor file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (LibC.statx(file, string.Empty, LibC.AT_EMPTY_PATH, LibC.STATX_DIOALIGN, out statx status) < 0)
        {
            throw LinuxException.Last("statx");
        }

        // Kernels before 6.1 and some file systems do not say; a page satisfies every one.
        return (status.stx_mask & LibC.STATX_DIOALIGN) != 0 && status.stx_dio_mem_align != 0
            ? new DirectIo((int)status.stx_dio_mem_align, (int)status.stx_dio_offset_align)
            : new DirectIo(Page, Page);
    }
}
