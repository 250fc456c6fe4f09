using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Traps;

/// <summary>
/// Signal handlers made of a few instructions. They take no lock, allocate nothing and need no runtime, so they work
/// wherever a thread was when its signal came, a garbage collection included; compiled C# may not run there.
/// </summary>
internal static class HandlerPage
{
    /// <summary>Puts code into a page of its own, which is never given back: its signal may come as long as the process
    /// lives. Nothing can be written to it any more.</summary>
    /// <returns>Where it begins.</returns>
    /// <exception cref="LinuxException">The kernel refused: no memory, or none that may be executed.</exception>
    public static unsafe nint Place(ReadOnlySpan<byte> code)
    {
        nuint length = (nuint)Environment.SystemPageSize;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((nuint)code.Length, length, nameof(code));
        nint page = LibC.mmap(0, length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        if (page == LibC.MAP_FAILED)
        {
            throw LinuxException.Last("mmap");
        }

        // SAFETY: a fresh mapping of a page, which is at least as long as the code; nobody runs it yet.
        code.CopyTo(new Span<byte>((void*)page, code.Length));
        return LibC.mprotect(page, length, LibC.PROT_READ | LibC.PROT_EXEC) < 0 ? throw LinuxException.Last("mprotect") : page;
    }
}
