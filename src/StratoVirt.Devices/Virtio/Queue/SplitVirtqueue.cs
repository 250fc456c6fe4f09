using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>A split virtqueue (virtio 1.3 §2.7): a descriptor table, a ring of what is available, a ring of what is used.</summary>
internal sealed class SplitVirtqueue : Virtqueue
{
    // Both rings: le16 flags, le16 idx, then the entries, then one le16 event index (§2.7.6, §2.7.8).
    private const int RingHeader = 4;
    private const int IndexOffset = 2;
    private const int AvailableEntry = 2;
    private const int UsedEntry = 8;
    private const ushort NoInterrupt = 1;
    private const ushort NoNotify = 1;

    private readonly GuestBuffer _table;
    private readonly GuestBuffer _available;
    private readonly GuestBuffer _used;
    private readonly ushort _mask;
    private ushort _nextAvailable;
    private ushort _nextUsed;
    private ushort _published;

    private SplitVirtqueue(
        in VirtqueueSetup setup, VirtqueueOptions options, GuestMemory memory, GuestBuffer table, GuestBuffer available, GuestBuffer used)
        : base(setup, options, memory)
    {
        _table = table;
        _available = available;
        _used = used;
        _mask = (ushort)(setup.Size - 1);
    }

    /// <inheritdoc cref="Virtqueue.TryCreate"/>
    public static new VirtqueueFault TryCreate(
        in VirtqueueSetup setup, VirtqueueOptions options, GuestMemory memory, out Virtqueue? queue)
    {
        queue = null;
        int size = setup.Size;
        if (size is 0 or > 32768 || (size & (size - 1)) != 0)
        {
            return VirtqueueFault.BadSize;
        }

        const int eventIndex = 2;
        if (!RingArea.TryGet(memory, setup.DescriptorArea, SplitDescriptor.Size * size, 16, out GuestBuffer table)
            || !RingArea.TryGet(memory, setup.DriverArea, RingHeader + (AvailableEntry * size) + eventIndex, 2, out GuestBuffer available)
            || !RingArea.TryGet(memory, setup.DeviceArea, RingHeader + (UsedEntry * size) + eventIndex, 4, out GuestBuffer used))
        {
            return VirtqueueFault.BadRing;
        }

        queue = new SplitVirtqueue(setup, options, memory, table, available, used);
        return VirtqueueFault.None;
    }

    /// <inheritdoc/>
    public override bool Publish()
    {
        ushort before = _published;
        if (_nextUsed == before)
        {
            return false;
        }

        // The entries are visible before the index (§2.7.8.2), the index before the driver's wish is read (§2.7.7.2).
        Volatile.Write(ref Ring16(_used, IndexOffset), _nextUsed);
        _published = _nextUsed;
        Interlocked.MemoryBarrier();
        if (!HasEventIndex)
        {
            return (Volatile.Read(ref Ring16(_available, 0)) & NoInterrupt) == 0;
        }

        ushort wanted = Volatile.Read(ref Ring16(_available, RingHeader + (AvailableEntry * Size)));
        return (ushort)(_nextUsed - wanted - 1) < (ushort)(_nextUsed - before);
    }

    /// <inheritdoc/>
    public override void SuppressNotifications()
    {
        if (HasEventIndex)
        {
            // Half a turn away: the driver's index does not pass it for as many requests.
            Volatile.Write(ref Ring16(_used, RingHeader + (UsedEntry * Size)), (ushort)(_nextAvailable ^ 0x8000));
        }
        else
        {
            Volatile.Write(ref Ring16(_used, 0), NoNotify);
        }
    }

    /// <inheritdoc/>
    public override bool AllowNotifications()
    {
        if (HasEventIndex)
        {
            Volatile.Write(ref Ring16(_used, RingHeader + (UsedEntry * Size)), _nextAvailable);
        }
        else
        {
            Volatile.Write(ref Ring16(_used, 0), (ushort)0);
        }

        Interlocked.MemoryBarrier();
        return HasWork;
    }

    /// <inheritdoc/>
    public override void Restore(VirtqueueState state)
    {
        _nextAvailable = state.Available;
        _nextUsed = state.Used;
        _published = state.Used;
    }

    private protected override bool IsAvailable => Volatile.Read(ref Ring16(_available, IndexOffset)) != _nextAvailable;

    private protected override VirtqueueState Positions => new(_nextAvailable, _nextUsed);

    private protected override bool IsPublished => _nextUsed == _published;

    private protected override bool Take(DescriptorChain chain)
    {
        ushort waiting = (ushort)(Volatile.Read(ref Ring16(_available, IndexOffset)) - _nextAvailable);
        if (waiting == 0)
        {
            return false;
        }

        if (waiting > Size)
        {
            return Break(VirtqueueFault.BadAvailableIndex);
        }

        // What is completed but not shown is the device's as well.
        if (InFlight + (ushort)(_nextUsed - _published) >= Size)
        {
            return Break(VirtqueueFault.BufferInUse);
        }

        ushort head = Ring16(_available, RingHeader + (AvailableEntry * (_nextAvailable & _mask)));
        chain.Id = head;
        VirtqueueFault fault = Walk(head, chain);
        if (fault != VirtqueueFault.None)
        {
            return Break(fault);
        }

        _nextAvailable++;
        return true;
    }

    private protected override void Untake(DescriptorChain chain) => _nextAvailable--;

    private protected override void PutUsed(DescriptorChain chain, uint written)
    {
        Span<byte> entry = _used.Span.Slice(RingHeader + (UsedEntry * (_nextUsed & _mask)), UsedEntry);
        BinaryPrimitives.WriteUInt32LittleEndian(entry, chain.Id);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], written);
        _nextUsed++;
    }

    private VirtqueueFault Walk(ushort head, DescriptorChain chain)
    {
        int index = head;
        for (int steps = 0; steps < Size; steps++)
        {
            if (index >= Size)
            {
                return VirtqueueFault.BadDescriptorIndex;
            }

            SplitDescriptor descriptor = MemoryMarshal.Read<SplitDescriptor>(_table.Span[(index * SplitDescriptor.Size)..]);
            if (descriptor.IsIndirect)
            {
                return descriptor.HasNext || !HasIndirect
                    ? VirtqueueFault.BadIndirectTable
                    : WalkIndirect(descriptor, Size - steps, chain);
            }

            VirtqueueFault fault = chain.Append(Memory, descriptor.Address, descriptor.Length, descriptor.IsWritable);
            if (fault != VirtqueueFault.None || !descriptor.HasNext)
            {
                return fault;
            }

            index = descriptor.Next;
        }

        return VirtqueueFault.ChainTooLong;
    }

    // A table of its own in guest memory, at any address; its descriptors are read one by one where they lie.
    private VirtqueueFault WalkIndirect(in SplitDescriptor table, int mostSteps, DescriptorChain chain)
    {
        uint entries = table.Length / SplitDescriptor.Size;
        if (entries == 0 || table.Length % SplitDescriptor.Size != 0)
        {
            return VirtqueueFault.BadIndirectTable;
        }

        uint index = 0;
        for (int steps = 0; steps < mostSteps; steps++)
        {
            if (index >= entries)
            {
                return VirtqueueFault.BadDescriptorIndex;
            }

            var address = new GuestAddress(table.Address);
            if (!address.TryAdd(index * SplitDescriptor.Size, out address) || !Memory.TryRead(address, out SplitDescriptor descriptor))
            {
                return VirtqueueFault.BadAddress;
            }

            if (descriptor.IsIndirect)
            {
                return VirtqueueFault.BadIndirectTable;
            }

            VirtqueueFault fault = chain.Append(Memory, descriptor.Address, descriptor.Length, descriptor.IsWritable);
            if (fault != VirtqueueFault.None || !descriptor.HasNext)
            {
                return fault;
            }

            index = descriptor.Next;
        }

        return VirtqueueFault.ChainTooLong;
    }

    private static ref ushort Ring16(GuestBuffer ring, int offset) =>
        ref MemoryMarshal.AsRef<ushort>(ring.Span.Slice(offset, sizeof(ushort)));
}
