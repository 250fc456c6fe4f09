namespace StratoVirt.Backends.Net;

/// <summary>What is wrong with the host's side of a network card.</summary>
public enum NetBackendError
{
    /// <summary>This user may not do it.</summary>
    NotPermitted,

    /// <summary>There is no such interface, descriptor or device file.</summary>
    NotFound,

    /// <summary>Another program uses the interface.</summary>
    InUse,

    /// <summary>The interface is not what is asked for: no tap, or with another number of queues.</summary>
    Mismatch,

    /// <summary>A program is not installed.</summary>
    ProgramMissing,

    /// <summary>A program did not start.</summary>
    ProgramFailed,

    /// <summary>The kernel refused for another reason.</summary>
    Refused,
}
