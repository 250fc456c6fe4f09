using System.Runtime.InteropServices;

namespace StratoVirt.Linux.Storage;

/// <summary>One piece of memory in vectored I/O, laid out as the kernel's <c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct IoVector
{
    private readonly nint _address;
    private readonly nuint _length;

    /// <summary>Describes a piece of memory.</summary>
    /// <param name="address">Where it begins in this process. Whoever makes a vector vouches that the whole piece is
    /// mapped, and stays so for as long as the vector is used.</param>
    /// <param name="length">Bytes, not negative.</param>
    public IoVector(nint address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _address = address;
        _length = (nuint)length;
    }

    /// <summary>Where it begins in this process.</summary>
    public nint Address => _address;

    /// <summary>Bytes.</summary>
    public int Length => (int)_length;

    /// <summary>The memory itself.</summary>
    // SAFETY: the maker of the vector has vouched for address and length.
    public unsafe Span<byte> Span => new((void*)_address, Length);

    /// <summary>A part of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part lies outside.</exception>
    public IoVector Slice(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)Length, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(Length - offset), nameof(length));
        return new IoVector(_address + offset, length);
    }
}
