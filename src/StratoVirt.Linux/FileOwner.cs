using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux;

/// <summary>Whose files are.</summary>
public static class FileOwner
{
    /// <summary>Gives a path to a user and the group of the same number (chown).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Set(string path, uint owner)
    {
        if (LibC.chown(path, owner, owner) < 0)
        {
            throw LinuxException.Last("chown", path);
        }
    }
}
