namespace StratoVirt.Kvm;

/// <summary>KVM met something it cannot handle.</summary>
public readonly ref struct InternalErrorExit
{
    internal InternalErrorExit(InternalErrorCause cause, ReadOnlySpan<ulong> data, ReadOnlySpan<byte> instruction)
    {
        Cause = cause;
        Data = data;
        Instruction = instruction;
    }

    /// <summary>What (KVM's suberror).</summary>
    public InternalErrorCause Cause { get; }

    /// <summary>Up to 16 words of details, whose meaning the kernel keeps to itself.</summary>
    public ReadOnlySpan<ulong> Data { get; }

    /// <summary>Bytes of the instruction KVM could not emulate, as far as it had fetched them; often empty.</summary>
    public ReadOnlySpan<byte> Instruction { get; }
}
