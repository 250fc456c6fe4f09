using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux;

/// <summary>Changes names in directories, with one system call each.</summary>
public static class FileNames
{
    /// <summary>Gives a file another name, in place of whatever had it (rename); false when there is no such file.</summary>
    /// <exception cref="LinuxException">The file system refused.</exception>
    public static bool TryRename(string from, string to) =>
        IsDone(LibC.renameat(LibC.AT_FDCWD, from, LibC.AT_FDCWD, to), "rename", from);

    /// <summary>Takes a file's name away (unlink); false when there is no such file.</summary>
    /// <exception cref="LinuxException">The file system refused.</exception>
    public static bool TryDelete(string path) => IsDone(LibC.unlinkat(LibC.AT_FDCWD, path, 0), "unlink", path);

    /// <summary>Removes an empty directory (rmdir); false when there is none.</summary>
    /// <exception cref="LinuxException">It is not empty, or the file system refused.</exception>
    public static bool TryDeleteDirectory(string path) =>
        IsDone(LibC.unlinkat(LibC.AT_FDCWD, path, LibC.AT_REMOVEDIR), "rmdir", path);

    private static bool IsDone(int result, string operation, string path) => result == 0
        || (LinuxException.LastErrno is Errno.NoEntry or Errno.NotDirectory ? false : throw LinuxException.Last(operation, path));
}
