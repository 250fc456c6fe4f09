namespace StratoVirt.Memory;

/// <summary>A guest physical address (GPA), in bytes from the start of the guest's physical address space.</summary>
/// <param name="Value">The address.</param>
public readonly record struct GuestAddress(ulong Value) : IComparable<GuestAddress>
{
    /// <summary>The address <paramref name="offset"/> bytes further; false when that would wrap past 2^64.</summary>
    public bool TryAdd(ulong offset, out GuestAddress result)
    {
        ulong sum = unchecked(Value + offset);
        result = new GuestAddress(sum);
        return sum >= Value;
    }

    /// <inheritdoc/>
    public int CompareTo(GuestAddress other) => Value.CompareTo(other.Value);

    /// <summary>The address, offset by a number of bytes known not to wrap.</summary>
    /// <exception cref="OverflowException">It wraps.</exception>
    public static GuestAddress operator +(GuestAddress address, ulong offset) => new(checked(address.Value + offset));

    /// <summary>Order by value.</summary>
    public static bool operator <(GuestAddress left, GuestAddress right) => left.Value < right.Value;

    /// <summary>Order by value.</summary>
    public static bool operator >(GuestAddress left, GuestAddress right) => left.Value > right.Value;

    /// <summary>Order by value.</summary>
    public static bool operator <=(GuestAddress left, GuestAddress right) => left.Value <= right.Value;

    /// <summary>Order by value.</summary>
    public static bool operator >=(GuestAddress left, GuestAddress right) => left.Value >= right.Value;

    /// <summary>Hexadecimal, as kernels print addresses.</summary>
    public override string ToString() => $"0x{Value:x}";
}
