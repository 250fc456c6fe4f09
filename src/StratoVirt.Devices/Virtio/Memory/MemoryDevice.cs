using System.Buffers.Binary;
using System.Numerics;
using StratoVirt.Backends.Io;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Memory;

/// <summary>
/// Memory that grows and shrinks (virtio 1.3 §5.15). It manages one region of guest RAM in blocks: the host says how
/// much the guest should have plugged in, the driver plugs and unplugs blocks until it has. Memory of a block that is
/// unplugged goes back to the host at once.
/// </summary>
/// <remarks>The whole region is mapped: a guest that touches blocks it has not plugged in gets memory, up to the region's
/// size, which is what the operator allowed it; and loses it at the next unplug.</remarks>
public sealed class MemoryDevice : VirtioDevice
{
    private const ushort QueueSize = 64;

    // struct virtio_mem_config (§5.15.4).
    private const int Configuration = 56;
    private const int BlockSizeOffset = 0;
    private const int AddressOffset = 16;
    private const int RegionOffset = 24;
    private const int UsableOffset = 32;
    private const int PluggedOffset = 40;
    private const int RequestedOffset = 48;

    private readonly GuestMemoryRegion _region;
    private readonly ulong _blockSize;
    private readonly BlockMap _blocks;
    private readonly Func<DescriptorChain, bool> _serve;
    private readonly Lock _gate = new();
    private ulong _requested;
    private long _plugs;
    private long _unplugs;
    private long _refused;

    /// <summary>Makes a device, all of its memory unplugged.</summary>
    /// <param name="region">The memory, part of guest memory; not owned.</param>
    /// <param name="blockSize">Bytes, a power of two that divides the region's address and length.</param>
    /// <param name="requested">Bytes the guest is asked to plug in.</param>
    /// <param name="thread">The I/O thread that serves it; not owned.</param>
    public MemoryDevice(GuestMemoryRegion region, ulong blockSize, ulong requested, IoThread thread)
        : base(VirtioDeviceType.Memory, [QueueSize], thread)
    {
        ArgumentNullException.ThrowIfNull(region);
        bool fits = BitOperations.IsPow2(blockSize) && ((region.Range.Start.Value | region.Range.Length) & (blockSize - 1)) == 0;
        if (!fits)
        {
            throw new ArgumentException($"{region.Range} is not made of blocks of {blockSize} bytes.", nameof(blockSize));
        }

        _region = region;
        _blockSize = blockSize;
        _blocks = new BlockMap(checked((int)(region.Range.Length / blockSize)));
        _serve = Serve;
        CheckRequested(requested);
        _requested = requested;
    }

    /// <inheritdoc/>
    public override ulong Features => 0;

    /// <inheritdoc/>
    public override int ConfigurationLength => Configuration;

    /// <summary>Bytes the guest is asked to plug in; a multiple of the block size, the region's length at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is neither.</exception>
    public ulong RequestedBytes
    {
        get
        {
            lock (_gate)
            {
                return _requested;
            }
        }

        set
        {
            CheckRequested(value);
            lock (_gate)
            {
                _requested = value;
            }

            Active?.Interrupts.ConfigurationChanged();
        }
    }

    /// <summary>Counters at this moment.</summary>
    public MemoryMetrics Metrics
    {
        get
        {
            lock (_gate)
            {
                return new MemoryMetrics(_requested, PluggedBytes, _plugs, _unplugs, _refused);
            }
        }
    }

    private ulong PluggedBytes => (ulong)_blocks.Plugged * _blockSize;

    /// <inheritdoc/>
    public override void ReadConfiguration(int offset, Span<byte> data)
    {
        Span<byte> space = stackalloc byte[Configuration];
        space.Clear();
        lock (_gate)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(space[BlockSizeOffset..], _blockSize);
            BinaryPrimitives.WriteUInt64LittleEndian(space[AddressOffset..], _region.Range.Start.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(space[RegionOffset..], _region.Range.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(space[UsableOffset..], _region.Range.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(space[PluggedOffset..], PluggedBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(space[RequestedOffset..], _requested);
        }

        space.Slice(offset, data.Length).CopyTo(data);
    }

    /// <summary>The state. The device is paused.</summary>
    public MemoryDeviceState Save()
    {
        lock (_gate)
        {
            return new MemoryDeviceState { RequestedBytes = _requested, Plugged = _blocks.Save() };
        }
    }

    /// <summary>Takes a saved state over, before a driver is there.</summary>
    /// <exception cref="DeviceStateException">It is of another version or of a device of another size.</exception>
    public void Restore(MemoryDeviceState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        const string device = "the memory device";
        DeviceStateException.CheckVersion(device, state.Version, MemoryDeviceState.CurrentVersion);
        lock (_gate)
        {
            if (state.RequestedBytes % _blockSize != 0 || state.RequestedBytes > _region.Range.Length || !_blocks.TryRestore(state.Plugged))
            {
                throw new DeviceStateException(device, "it is of a device of another size");
            }

            _requested = state.RequestedBytes;
        }
    }

    /// <inheritdoc/>
    protected override void OnNotified(Virtqueue queue) => ServeRound(queue, _serve);

    private bool Serve(DescriptorChain chain)
    {
        var response = new MemoryResponse { Type = MemoryResponse.Error };
        if (chain.TryRead(0, out MemoryRequest request))
        {
            lock (_gate)
            {
                response = Answer(request);
                _refused += response.Type == MemoryResponse.Acknowledged ? 0 : 1;
            }
        }

        uint written = chain.TryWrite(0, in response) ? (uint)System.Runtime.CompilerServices.Unsafe.SizeOf<MemoryResponse>() : 0;
        chain.Queue.Complete(chain, written);
        return true;
    }

    private MemoryResponse Answer(in MemoryRequest request)
    {
        if (request.Type == MemoryRequest.UnplugAll)
        {
            Discard(0, _blocks.Count);
            _blocks.Clear();
            _unplugs++;
            return new MemoryResponse { Type = MemoryResponse.Acknowledged };
        }

        if (!TryFindBlocks(request, out int first, out int count))
        {
            return new MemoryResponse { Type = MemoryResponse.Error };
        }

        int plugged = _blocks.PluggedIn(first, count);
        switch (request.Type)
        {
            // More than was asked for is refused, so that the host decides and not the guest (§5.15.6.1).
            case MemoryRequest.Plug when plugged == 0:
                if (PluggedBytes + ((ulong)count * _blockSize) > _requested)
                {
                    return new MemoryResponse { Type = MemoryResponse.Refused };
                }

                _blocks.Set(first, count, plugged: true);
                _plugs++;
                return new MemoryResponse { Type = MemoryResponse.Acknowledged };
            case MemoryRequest.Unplug when plugged == count:
                Discard(first, count);
                _blocks.Set(first, count, plugged: false);
                _unplugs++;
                return new MemoryResponse { Type = MemoryResponse.Acknowledged };
            case MemoryRequest.State:
                return new MemoryResponse
                {
                    Type = MemoryResponse.Acknowledged,
                    State = plugged == 0 ? MemoryResponse.Unplugged : plugged == count ? MemoryResponse.Plugged : MemoryResponse.Mixed,
                };
            default:
                return new MemoryResponse { Type = MemoryResponse.Error };
        }
    }

    private bool TryFindBlocks(in MemoryRequest request, out int first, out int count)
    {
        first = 0;
        count = request.Blocks;
        ulong length = (ulong)count * _blockSize;
        if (count == 0 || request.Address % _blockSize != 0 || !_region.Range.Contains(new GuestAddress(request.Address), length))
        {
            return false;
        }

        first = (int)((request.Address - _region.Range.Start.Value) / _blockSize);
        return true;
    }

    private void Discard(int first, int count) => _region.TryZero((ulong)first * _blockSize, (ulong)count * _blockSize);

    private void CheckRequested(ulong requested)
    {
        if (requested % _blockSize != 0 || requested > _region.Range.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(requested), requested, $"It is a multiple of {_blockSize}, {_region.Range.Length} at most.");
        }
    }
}
