using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux;

/// <summary>Whose files are.</summary>
public static class FileOwner
{
    /// <summary>Permission bits of everybody but the owner.</summary>
    private const uint Others = 0x3F;

    /// <summary>Makes whatever this process creates from now on its owner's alone (umask).</summary>
    public static void KeepToOwner() => _ = LibC.umask(Others);

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
