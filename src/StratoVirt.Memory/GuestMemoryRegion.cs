using StratoVirt.Linux;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Memory;

/// <summary>
/// One contiguous piece of guest RAM backed by one host mapping. Offsets are checked on every access, so no value a
/// guest can form reaches outside the mapping.
/// </summary>
public sealed partial class GuestMemoryRegion : IDisposable
{
    private readonly MemoryMapping _mapping;
    private readonly bool _isAnonymous;

    /// <summary>Places a mapping at a guest physical address and takes ownership of it.</summary>
    /// <param name="start">Guest physical address of its first byte.</param>
    /// <param name="mapping">The memory.</param>
    /// <param name="isAnonymous">The mapping is private and anonymous: pages given back to the host read as zero.</param>
    public GuestMemoryRegion(GuestAddress start, MemoryMapping mapping, bool isAnonymous = false)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        _mapping = mapping;
        _isAnonymous = isAnonymous;
        Range = new GuestRange(start, mapping.Length);
        _ = Range.End;
    }

    /// <summary>The guest physical addresses it answers for.</summary>
    public GuestRange Range { get; }

    /// <summary>Where it begins in this process (HVA), for <c>KVM_SET_USER_MEMORY_REGION</c> only.</summary>
    public nint HostAddress => _mapping.Address;

    /// <summary>The mapping underneath, for advice to the kernel.</summary>
    public MemoryMapping Mapping => _mapping;

    /// <summary>Whether the mapping is private and anonymous: pages given back to the host read as zero.</summary>
    public bool IsAnonymous => _isAnonymous;

    /// <summary>Bytes of this region as a span; false when any of them lie outside.</summary>
    /// <param name="offset">Bytes from the start of the region.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="span">The memory itself, shared with a running guest: copy before checking.</param>
    public bool TryGetSpan(ulong offset, int length, out Span<byte> span)
    {
        if (length < 0 || offset > Range.Length || (ulong)length > Range.Length - offset)
        {
            span = default;
            return false;
        }

        span = Span(offset, length);
        return true;
    }

    /// <summary>
    /// Makes a range read as zero; false when any of it lies outside. Whole pages of anonymous and of shared memory are
    /// given back to the host instead of being written: clearing memory that was never touched costs no memory.
    /// </summary>
    /// <param name="offset">Bytes from the start of the region.</param>
    /// <param name="length">Bytes.</param>
    public bool TryZero(ulong offset, ulong length)
    {
        if (offset > Range.Length || length > Range.Length - offset)
        {
            return false;
        }

        ulong end = offset + length;
        ulong firstPage = (offset + PageMask) & ~PageMask;
        ulong lastPage = end & ~PageMask;
        if ((_isAnonymous || SharedFile is not null) && firstPage < lastPage
            && _mapping.Advise((nuint)firstPage, (nuint)(lastPage - firstPage), GiveBack) == Errno.None)
        {
            Clear(offset, firstPage);
            Clear(lastPage, end);
        }
        else
        {
            Clear(offset, end);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mapping.Dispose();
        SharedFile?.Dispose();
    }

    private static ulong PageMask => (ulong)Environment.SystemPageSize - 1;

    private void Clear(ulong start, ulong end)
    {
        while (start < end)
        {
            int run = (int)Math.Min(end - start, 1 << 30);
            Span(start, run).Clear();
            start += (ulong)run;
        }
    }

    // SAFETY: the caller has checked offset + length against the mapping's length; the mapping outlives every
    // user of guest memory because vCPU and I/O threads are joined before regions are disposed.
    private unsafe Span<byte> Span(ulong offset, int length) => new((byte*)_mapping.Address + offset, length);
}
