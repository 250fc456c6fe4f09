using System.Runtime.InteropServices;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>
/// The page numbers of one request to inflate or deflate (virtio 1.3 §5.5.6): an array of 32-bit numbers of pages of
/// 4 KiB, copied once and sorted, so that neighbours go to the host as one run.
/// </summary>
internal sealed class BalloonRequest
{
    /// <summary>Bytes of a page number's page: historical, and independent of anybody's page size.</summary>
    internal const int PageSize = 4096;

    /// <summary>Pages one request can name; sixteen times what Linux puts into one. Each may cost a system call, so
    /// the rest of a longer request is left out: the guest loses nothing by it, the host some pages.</summary>
    internal const int MostPages = 4096;

    private readonly uint[] _numbers = new uint[MostPages];
    private int _next;

    /// <summary>Pages named, up to <see cref="MostPages"/>.</summary>
    internal int Count { get; private set; }

    /// <summary>Reads a request.</summary>
    /// <returns>Pages left out.</returns>
    internal long Read(DescriptorChain chain)
    {
        int bytes = chain.Read(0, MemoryMarshal.AsBytes(_numbers.AsSpan()));
        Count = bytes / sizeof(uint);
        _next = 0;
        _numbers.AsSpan(0, Count).Sort();
        return (chain.ReadableLength / sizeof(uint)) - Count;
    }

    /// <summary>Takes the next run of neighbouring pages; a page named twice counts once.</summary>
    internal bool TryTakeRun(out ulong start, out ulong length)
    {
        start = 0;
        length = 0;
        if (_next == Count)
        {
            return false;
        }

        uint first = _numbers[_next];
        uint last = first;
        while (++_next < Count && _numbers[_next] - last <= 1)
        {
            last = _numbers[_next];
        }

        start = (ulong)first * PageSize;
        length = ((ulong)last - first + 1) * PageSize;
        return true;
    }
}
