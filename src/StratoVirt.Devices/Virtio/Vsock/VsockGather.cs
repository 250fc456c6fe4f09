using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Vsock;

/// <summary>
/// Data packets of one connection that lie behind each other in the guest's queue, seen as one run of bytes: they go to
/// the socket with one call. A call for each would wake its reader for each, which costs more than the data. Empty
/// between rounds of the queue. Not synchronised.
/// </summary>
internal sealed class VsockGather
{
    private const int MostPackets = 64;

    private readonly DescriptorChain[] _chains = new DescriptorChain[MostPackets];
    private readonly int[] _lengths = new int[MostPackets];
    private int _count;

    /// <summary>Whose packets they are; null when there are none.</summary>
    internal VsockConnection? Connection { get; private set; }

    /// <summary>Bytes of the run.</summary>
    internal int Length { get; private set; }

    /// <summary>Takes a packet into the run; false when it is full. The chain is the gather's until <see cref="Complete"/>.</summary>
    /// <param name="connection">Whose it is: the one of those before it.</param>
    /// <param name="chain">The packet.</param>
    /// <param name="length">Bytes behind its header.</param>
    internal bool TryAdd(VsockConnection connection, DescriptorChain chain, int length)
    {
        if (_count == MostPackets)
        {
            return false;
        }

        Connection = connection;
        _chains[_count] = chain;
        _lengths[_count++] = length;
        Length += length;
        return true;
    }

    /// <summary>The run without its first bytes.</summary>
    /// <param name="offset">Bytes to leave out.</param>
    /// <param name="parts">Filled from its start; what does not fit is left out.</param>
    /// <returns>Parts filled.</returns>
    internal int Slice(int offset, Span<GuestBuffer> parts)
    {
        int filled = 0;
        for (int i = 0; i < _count && filled < parts.Length; i++)
        {
            int skipped = Math.Min(offset, _lengths[i]);
            offset -= skipped;
            filled += _chains[i].SliceReadable((uint)(VsockHeader.Size + skipped), (uint)(_lengths[i] - skipped), parts[filled..]);
        }

        return filled;
    }

    /// <summary>Copies the run without its first bytes to where it waits for the socket.</summary>
    internal void CopyTo(VsockBacklog backlog, int offset)
    {
        for (int i = 0; i < _count; i++)
        {
            int skipped = Math.Min(offset, _lengths[i]);
            offset -= skipped;
            backlog.Append(_chains[i], (uint)(VsockHeader.Size + skipped), _lengths[i] - skipped);
        }
    }

    /// <summary>Gives the chains back: the guest may use their memory again.</summary>
    internal void Complete()
    {
        foreach (DescriptorChain chain in _chains.AsSpan(0, _count))
        {
            chain.Queue.Complete(chain, 0);
        }

        Array.Clear(_chains, 0, _count);
        _count = 0;
        Length = 0;
        Connection = null;
    }
}
