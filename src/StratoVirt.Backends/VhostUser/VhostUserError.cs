namespace StratoVirt.Backends.VhostUser;

/// <summary>Why a process cannot serve a device's queues.</summary>
public enum VhostUserError
{
    /// <summary>It did not start, did not answer, or broke the protocol.</summary>
    Failed,

    /// <summary>It closed the connection, which it does when it ends.</summary>
    Closed,

    /// <summary>The guest's memory is this process's own, or in too many pieces.</summary>
    MemoryUnshareable,

    /// <summary>The program is not installed.</summary>
    ProgramMissing,

    /// <summary>The program cannot do it as this user.</summary>
    NotPermitted,

    /// <summary>The program cannot serve such a directory.</summary>
    Unservable,
}
