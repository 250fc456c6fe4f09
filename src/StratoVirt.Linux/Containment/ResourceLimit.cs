namespace StratoVirt.Linux.Containment;

/// <summary>What the kernel counts against a limit of a process (<c>sys/resource.h</c>).</summary>
public enum ResourceLimit
{
    /// <summary>Bytes of a core dump.</summary>
    CoreBytes = 4,

    /// <summary>Processes and threads of the process' user.</summary>
    Processes = 6,

    /// <summary>The highest descriptor, plus one.</summary>
    Descriptors = 7,

    /// <summary>Bytes in POSIX message queues of the user.</summary>
    MessageQueueBytes = 12,

    /// <summary>The highest real-time priority that may be asked for.</summary>
    RealTimePriority = 14,
}
