namespace StratoVirt.Kvm;

/// <summary>A hypercall that KVM leaves to user space.</summary>
public readonly ref struct HypercallExit
{
    private readonly ref ulong _result;

    internal HypercallExit(ulong number, ReadOnlySpan<ulong> arguments, bool isLongMode, ref ulong result)
    {
        Number = number;
        Arguments = arguments;
        IsLongMode = isLongMode;
        _result = ref result;
    }

    /// <summary>Which.</summary>
    public ulong Number { get; }

    /// <summary>Six arguments.</summary>
    public ReadOnlySpan<ulong> Arguments { get; }

    /// <summary>Whether the guest was in 64-bit mode.</summary>
    public bool IsLongMode { get; }

    /// <summary>Answers it.</summary>
    public void Complete(ulong result) => _result = result;
}
