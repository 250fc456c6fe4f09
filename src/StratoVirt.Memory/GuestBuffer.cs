using System.Runtime.InteropServices;

namespace StratoVirt.Memory;

/// <summary>
/// A run of guest memory that has been checked and lies in one piece in this process. Only <see cref="GuestMemory"/>
/// makes one. The guest may change its bytes at any moment: copy before checking.
/// </summary>
/// <remarks>Laid out as the kernel's <c>struct iovec</c>, so that an array of them is one for vectored I/O.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct GuestBuffer
{
    private readonly nint _address;
    private readonly nuint _length;

    internal GuestBuffer(nint hostAddress, int length)
    {
        _address = hostAddress;
        _length = (nuint)length;
    }

    /// <summary>Where it begins in this process (HVA), for structures that carry addresses to the kernel.</summary>
    public nint HostAddress => _address;

    /// <summary>Bytes.</summary>
    public int Length => (int)_length;

    /// <summary>The memory itself.</summary>
    // SAFETY: the range was checked against its region when the buffer was made; regions stay mapped for as long as
    // any vCPU or I/O thread runs, and those that are unplugged stay mapped until the machine ends.
    public unsafe Span<byte> Span => new((void*)HostAddress, Length);

    /// <summary>A part of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part lies outside.</exception>
    public GuestBuffer Slice(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)Length, nameof(offset));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(Length - offset), nameof(length));
        return new GuestBuffer(HostAddress + offset, length);
    }
}
