namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>A system call as a filter sees it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Architecture">Whose numbers those are (AUDIT_ARCH_*).</param>
/// <param name="Arguments">Up to six; missing ones are zero.</param>
public sealed record SystemCallData(int Number, uint Architecture, IReadOnlyList<ulong> Arguments)
{
    /// <summary>A call of this machine's own architecture.</summary>
    /// <exception cref="ArgumentException">No call has that name here.</exception>
    public SystemCallData(string name, params ulong[] arguments)
        : this(SystemCall.Named(name).Number, SystemCall.Architecture, arguments)
    {
    }
}
