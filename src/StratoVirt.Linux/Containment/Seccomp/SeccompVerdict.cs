using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>What becomes of a system call.</summary>
/// <param name="Value">As a filter returns it.</param>
public readonly record struct SeccompVerdict(uint Value)
{
    /// <summary>It is made.</summary>
    public static SeccompVerdict Allow => new(LibC.SECCOMP_RET_ALLOW);

    /// <summary>It is not made; the process ends as if by SIGSYS, without a word.</summary>
    public static SeccompVerdict KillProcess => new(LibC.SECCOMP_RET_KILL_PROCESS);

    /// <summary>It is not made; the thread gets SIGSYS, which ends the process unless it is handled (see
    /// <see cref="ViolationTrap"/>).</summary>
    /// <param name="mark">Comes with the signal, to tell filters apart.</param>
    public static SeccompVerdict Trap(ushort mark) => new(LibC.SECCOMP_RET_TRAP | mark);

    /// <summary>It is not made and fails with an error.</summary>
    public static SeccompVerdict Fail(Errno errno) => new(LibC.SECCOMP_RET_ERRNO | (uint)errno);

    /// <inheritdoc/>
    public override string ToString() => (Value & LibC.SECCOMP_RET_ACTION_FULL) switch
    {
        LibC.SECCOMP_RET_ALLOW => "allow",
        LibC.SECCOMP_RET_KILL_PROCESS => "kill",
        LibC.SECCOMP_RET_TRAP => $"trap {Value & LibC.SECCOMP_RET_DATA}",
        LibC.SECCOMP_RET_ERRNO => $"fail {(Errno)(Value & LibC.SECCOMP_RET_DATA)}",
        _ => $"0x{Value:x8}",
    };
}
