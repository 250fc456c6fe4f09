namespace StratoVirt.Linux.Handles;

/// <summary>Flags of open(2), x86_64 and aarch64 values where they agree.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly = 0,
    /// <summary>O_WRONLY.</summary>
    WriteOnly = 1,
    /// <summary>O_RDWR.</summary>
    ReadWrite = 2,
    /// <summary>O_CREAT.</summary>
    Create = 0x40,
    /// <summary>O_EXCL: fail when the file exists.</summary>
    Exclusive = 0x80,
    /// <summary>O_NOCTTY: a terminal opened does not become the session's.</summary>
    NoControllingTerminal = 0x100,
    /// <summary>O_TRUNC.</summary>
    Truncate = 0x200,
    /// <summary>O_APPEND.</summary>
    Append = 0x400,
    /// <summary>O_NONBLOCK.</summary>
    NonBlocking = 0x800,
    /// <summary>O_CLOEXEC; added to every open.</summary>
    CloseOnExec = 0x80000,
    /// <summary>O_PATH: a place in the file system, not its content.</summary>
    PathOnly = 0x200000,
}
