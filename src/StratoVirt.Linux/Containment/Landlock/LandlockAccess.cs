namespace StratoVirt.Linux.Containment.Landlock;

/// <summary>What a thread may do with files (<c>linux/landlock.h</c>). Descriptors that are open already are not
/// governed.</summary>
[Flags]
public enum LandlockAccess : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Run a file.</summary>
    Execute = 1 << 0,

    /// <summary>Open a file to write.</summary>
    WriteFile = 1 << 1,

    /// <summary>Open a file to read.</summary>
    ReadFile = 1 << 2,

    /// <summary>List a directory.</summary>
    ReadDirectory = 1 << 3,

    /// <summary>Remove a directory.</summary>
    RemoveDirectory = 1 << 4,

    /// <summary>Remove a file.</summary>
    RemoveFile = 1 << 5,

    /// <summary>Make a character device.</summary>
    MakeCharacterDevice = 1 << 6,

    /// <summary>Make a directory.</summary>
    MakeDirectory = 1 << 7,

    /// <summary>Make a file.</summary>
    MakeFile = 1 << 8,

    /// <summary>Make a local socket.</summary>
    MakeSocket = 1 << 9,

    /// <summary>Make a named pipe.</summary>
    MakePipe = 1 << 10,

    /// <summary>Make a block device.</summary>
    MakeBlockDevice = 1 << 11,

    /// <summary>Make a symbolic link.</summary>
    MakeSymbolicLink = 1 << 12,

    /// <summary>Link or rename into another directory; version 2.</summary>
    Refer = 1 << 13,

    /// <summary>Cut a file; version 3.</summary>
    Truncate = 1 << 14,

    /// <summary>Control a device by ioctl; version 5.</summary>
    ControlDevice = 1 << 15,
}
