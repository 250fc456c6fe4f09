namespace StratoVirt.Linux.Containment.Seccomp;

/// <summary>What an argument of a system call must be for a rule to hold. The kernel compares numbers: what a pointer
/// leads to is out of a filter's sight.</summary>
public sealed record ArgumentTest
{
    private ArgumentTest(int index, bool isWide, ulong mask, IReadOnlyList<ulong> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, 6);
        Index = index;
        IsWide = isWide;
        Mask = mask;
        Values = values;
    }

    /// <summary>Which argument, from 0.</summary>
    public int Index { get; }

    /// <summary>Whether all 64 bits count. Most arguments are an int, of which the kernel looks at 32 bits alone: a test
    /// of more would be one that a caller can dodge or fail by bits that nobody reads.</summary>
    public bool IsWide { get; }

    /// <summary>Which bits count.</summary>
    public ulong Mask { get; }

    /// <summary>What those bits may be.</summary>
    public IReadOnlyList<ulong> Values { get; }

    /// <summary>An int that is one of some numbers.</summary>
    public static ArgumentTest IsOneOf(int index, params IReadOnlyList<uint> values) =>
        new(index, false, uint.MaxValue, [.. values.Select(value => (ulong)value)]);

    /// <summary>An int that has none of some bits.</summary>
    public static ArgumentTest HasNone(int index, uint bits) => new(index, false, bits, [0]);

    /// <summary>An int of which some bits are as given.</summary>
    public static ArgumentTest MaskedIs(int index, uint mask, uint value) => new(index, false, mask, [value]);

    /// <summary>A 64-bit number.</summary>
    public static ArgumentTest IsWideValue(int index, ulong value) => new(index, true, ulong.MaxValue, [value]);

    /// <summary>A 64-bit number of which some bits are as given.</summary>
    public static ArgumentTest MaskedIsWide(int index, ulong mask, ulong value) => new(index, true, mask, [value]);

    /// <summary>Whether a call passes.</summary>
    public bool Holds(SystemCallData call)
    {
        ArgumentNullException.ThrowIfNull(call);
        ulong argument = Index < call.Arguments.Count ? call.Arguments[Index] : 0;
        return Values.Contains((IsWide ? argument : (uint)argument) & Mask);
    }
}
