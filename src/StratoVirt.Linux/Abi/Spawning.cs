using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Abi;

internal static partial class LibC
{
    internal const short POSIX_SPAWN_SETPGROUP = 2;
    internal const short POSIX_SPAWN_SETSIGDEF = 4;
    internal const short POSIX_SPAWN_SETSIGMASK = 8;
    internal const short POSIX_SPAWN_SETSID = 0x80;
    internal const int WNOHANG = 1;
    internal const int SIGINT = 2;
    internal const int SIGTERM = 15;
    internal const int SIGKILL = 9;

    // posix_spawn and its friends return the error number instead of setting errno. The two objects they work on are
    // the C library's own: callers give them more room than any C library asks for.
    [LibraryImport(Library)]
    internal static partial int posix_spawnp(out int pid, nint file, nint actions, nint attributes, nint arguments, nint environment);

    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_init(nint actions);

    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_destroy(nint actions);

    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_adddup2(nint actions, int fd, int newFd);

    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_init(nint attributes);

    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_destroy(nint attributes);

    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_setflags(nint attributes, short flags);

    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_setsigmask(nint attributes, in sigset_t set);

    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_setsigdefault(nint attributes, in sigset_t set);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int waitpid(int pid, out int status, int options);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, out ulong pair);
}
