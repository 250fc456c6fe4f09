using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>
/// One request of the driver: buffers for the device to read, then buffers for it to write, all checked to lie in
/// guest memory. It belongs to its virtqueue, is lent by <see cref="Virtqueue.TryPop"/> and goes back exactly once,
/// with <see cref="Virtqueue.Complete"/> or <see cref="Virtqueue.Return"/>. Chains are used again: nobody keeps one
/// after giving it back.
/// </summary>
public sealed class DescriptorChain
{
    private const int UsualBuffers = 4;

    private GuestBuffer[] _buffers = new GuestBuffer[UsualBuffers];
    private int _count;
    private int _readable;
    private ulong _readableLength;
    private ulong _writableLength;
    private bool _isWritableReached;

    internal DescriptorChain(Virtqueue queue) => Queue = queue;

    /// <summary>The queue it came from.</summary>
    public Virtqueue Queue { get; }

    /// <summary>Bytes the device may read.</summary>
    public uint ReadableLength => (uint)_readableLength;

    /// <summary>Bytes the device may write.</summary>
    public uint WritableLength => (uint)_writableLength;

    /// <summary>The buffers the device may read, in order.</summary>
    public ReadOnlySpan<GuestBuffer> Readable => _buffers.AsSpan(0, _readable);

    /// <summary>The buffers the device may write, in order.</summary>
    public ReadOnlySpan<GuestBuffer> Writable => _buffers.AsSpan(_readable, _count - _readable);

    /// <summary>What the device works with while it serves this chain; kept over uses of the chain, so that a device
    /// need make it once.</summary>
    public object? Request { get; set; }

    /// <summary>Descriptor number (split) or buffer id (packed) by which the driver knows the chain.</summary>
    internal ushort Id { get; set; }

    /// <summary>Entries of the descriptor ring it takes (packed).</summary>
    internal ushort RingEntries { get; set; }

    /// <summary>Whether the device has it.</summary>
    internal bool IsLent { get; set; }

    /// <summary>How many requests of the queue had been taken when it was, itself included.</summary>
    internal ulong Turn { get; set; }

    /// <summary>Copies bytes the driver has written.</summary>
    /// <param name="offset">Bytes from the start of the readable part.</param>
    /// <param name="destination">Filled from its start.</param>
    /// <returns>Bytes copied: fewer than asked where the readable part ends.</returns>
    public int Read(uint offset, Span<byte> destination)
    {
        int done = 0;
        foreach (GuestBuffer buffer in Readable)
        {
            if (offset >= (uint)buffer.Length)
            {
                offset -= (uint)buffer.Length;
                continue;
            }

            Span<byte> source = buffer.Span[(int)offset..];
            int run = Math.Min(source.Length, destination.Length - done);
            source[..run].CopyTo(destination[done..]);
            done += run;
            offset = 0;
            if (done == destination.Length)
            {
                break;
            }
        }

        return done;
    }

    /// <summary>Copies bytes to where the driver will read them.</summary>
    /// <param name="offset">Bytes from the start of the writable part.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>Bytes copied: fewer than given where the writable part ends.</returns>
    public int Write(uint offset, ReadOnlySpan<byte> source)
    {
        int done = 0;
        foreach (GuestBuffer buffer in Writable)
        {
            if (offset >= (uint)buffer.Length)
            {
                offset -= (uint)buffer.Length;
                continue;
            }

            Span<byte> destination = buffer.Span[(int)offset..];
            int run = Math.Min(destination.Length, source.Length - done);
            source.Slice(done, run).CopyTo(destination);
            done += run;
            offset = 0;
            if (done == source.Length)
            {
                break;
            }
        }

        return done;
    }

    /// <summary>Copies one little-endian structure the driver has written; false when it is not there whole.</summary>
    public bool TryRead<T>(uint offset, out T value)
        where T : unmanaged
    {
        Unsafe.SkipInit(out value);
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        return Read(offset, bytes) == bytes.Length;
    }

    /// <summary>Copies one little-endian structure to where the driver will read it; false when there is no room.</summary>
    public bool TryWrite<T>(uint offset, in T value)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
        return Write(offset, bytes) == bytes.Length;
    }

    /// <summary>The readable buffers without their first bytes and behind a length, for vectored I/O.</summary>
    /// <param name="offset">Bytes to leave out.</param>
    /// <param name="length">Bytes wanted, at most.</param>
    /// <param name="parts">Filled from its start; what does not fit is left out.</param>
    /// <returns>Parts filled.</returns>
    public int SliceReadable(uint offset, uint length, Span<GuestBuffer> parts) => Slice(Readable, offset, length, parts);

    /// <summary>The writable buffers without their first bytes and behind a length, for vectored I/O.</summary>
    /// <param name="offset">Bytes to leave out.</param>
    /// <param name="length">Bytes wanted, at most.</param>
    /// <param name="parts">Filled from its start; what does not fit is left out.</param>
    /// <returns>Parts filled.</returns>
    public int SliceWritable(uint offset, uint length, Span<GuestBuffer> parts) => Slice(Writable, offset, length, parts);

    internal void Clear()
    {
        _count = 0;
        _readable = 0;
        _readableLength = 0;
        _writableLength = 0;
        _isWritableReached = false;
    }

    /// <summary>Adds one descriptor's buffer. An empty one, which no rule forbids, adds nothing, wherever it is.</summary>
    internal VirtqueueFault Append(GuestMemory memory, ulong address, uint length, bool writable)
    {
        if (!writable && _isWritableReached)
        {
            return VirtqueueFault.ReadableBehindWritable;
        }

        _isWritableReached = writable;

        if (_readableLength + _writableLength + length > uint.MaxValue)
        {
            return VirtqueueFault.ChainTooBig;
        }

        ulong total = length;
        while (length > 0)
        {
            if (!memory.TryGetBuffer(new GuestAddress(address), length, out GuestBuffer run))
            {
                return VirtqueueFault.BadAddress;
            }

            if (_count == _buffers.Length)
            {
                Array.Resize(ref _buffers, _buffers.Length * 2);
            }

            _buffers[_count++] = run;
            _readable += writable ? 0 : 1;
            length -= (uint)run.Length;
            address = unchecked(address + (ulong)run.Length);
        }

        if (writable)
        {
            _writableLength += total;
        }
        else
        {
            _readableLength += total;
        }

        return VirtqueueFault.None;
    }

    private static int Slice(ReadOnlySpan<GuestBuffer> buffers, uint offset, uint length, Span<GuestBuffer> parts)
    {
        int count = 0;
        foreach (GuestBuffer buffer in buffers)
        {
            if (offset >= (uint)buffer.Length)
            {
                offset -= (uint)buffer.Length;
                continue;
            }

            if (length == 0 || count == parts.Length)
            {
                break;
            }

            int run = (int)Math.Min((uint)buffer.Length - offset, length);
            parts[count++] = buffer.Slice((int)offset, run);
            length -= (uint)run;
            offset = 0;
        }

        return count;
    }
}
