namespace StratoVirt.Kvm;

/// <summary>An access to an MSR that KVM leaves to user space.</summary>
public readonly ref struct MsrExit
{
    private readonly ref ulong _data;
    private readonly ref byte _error;

    internal MsrExit(uint index, uint reason, ref ulong data, ref byte error)
    {
        Index = index;
        Reason = reason;
        _data = ref data;
        _error = ref error;
    }

    /// <summary>Number of the MSR.</summary>
    public uint Index { get; }

    /// <summary>Why it came here (KVM_MSR_EXIT_REASON_*).</summary>
    public uint Reason { get; }

    /// <summary>What the guest wrote, or the answer to its read.</summary>
    public ulong Data
    {
        get => _data;
        set => _data = value;
    }

    /// <summary>Injects a general protection fault instead of completing the access.</summary>
    public void Refuse() => _error = 1;
}
