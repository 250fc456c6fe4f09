using System.Runtime.InteropServices;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio;

/// <summary>The driver's end of a packed virtqueue (virtio 1.3 §2.8).</summary>
public sealed class PackedDriverQueue : DriverQueue
{
    /// <summary>VIRTQ_DESC_F_NEXT.</summary>
    public const ushort Next = 1;

    /// <summary>VIRTQ_DESC_F_WRITE.</summary>
    public const ushort Write = 2;

    /// <summary>VIRTQ_DESC_F_INDIRECT.</summary>
    public const ushort Indirect = 4;

    /// <summary>VIRTQ_DESC_F_AVAIL.</summary>
    public const ushort AvailableFlag = 1 << 7;

    /// <summary>VIRTQ_DESC_F_USED.</summary>
    public const ushort UsedFlag = 1 << 15;

    /// <summary>RING_EVENT_FLAGS_ENABLE.</summary>
    public const ushort EventEnable = 0;

    /// <summary>RING_EVENT_FLAGS_DISABLE.</summary>
    public const ushort EventDisable = 1;

    /// <summary>RING_EVENT_FLAGS_DESC.</summary>
    public const ushort EventDescriptor = 2;

    private readonly ushort[] _entriesOfId;
    private readonly Stack<ushort> _freeIds;
    private int _available;
    private bool _availableWrap = true;
    private int _used;
    private bool _usedWrap = true;
    private int _unseen;
    private int _firstUnseen;
    private ushort _firstUnseenFlags;

    internal PackedDriverQueue(TestGuestMemory memory, ushort size, VirtqueueOptions options, int index)
        : base(memory, Describe(memory, size, index), options, driverLength: 4, deviceLength: 4)
    {
        _entriesOfId = new ushort[size];
        _freeIds = new Stack<ushort>(Enumerable.Range(0, size).Reverse().Select(id => (ushort)id));
    }

    /// <summary>The ring entry used next by the driver.</summary>
    public int AvailablePosition => _available;

    /// <summary>The driver's ring wrap counter.</summary>
    public bool AvailableWrap => _availableWrap;

    /// <summary>The driver's event suppression: entry and, in bit 15, wrap counter.</summary>
    public ref ushort DriverEvent => ref Field(DriverArea, 0);

    /// <summary>The driver's event suppression: flags.</summary>
    public ref ushort DriverEventFlags => ref Field(DriverArea, 2);

    /// <summary>The device's event suppression: entry and, in bit 15, wrap counter.</summary>
    public ref ushort DeviceEvent => ref Field(DeviceArea, 0);

    /// <summary>The device's event suppression: flags.</summary>
    public ref ushort DeviceEventFlags => ref Field(DeviceArea, 2);

    /// <summary>An entry of the ring.</summary>
    public ref PackedTestDescriptor Descriptor(int entry) => ref DescriptorAt(Setup.DescriptorArea, entry);

    /// <summary>An entry of an indirect table.</summary>
    public ref PackedTestDescriptor DescriptorAt(GuestAddress table, int entry) =>
        ref Memory.Ref<PackedTestDescriptor>(table + (ulong)(entry * DescriptorLength));

    /// <summary>Flags that make an entry available in the current lap.</summary>
    public ushort AvailableFlags => _availableWrap ? AvailableFlag : UsedFlag;

    /// <summary>Writes the next entry of the ring, available when it is not the first since the last
    /// <see cref="Kick"/>; not to be mixed with <see cref="DriverQueue.Add"/>.</summary>
    /// <param name="descriptor">Anything; the flags of availability are added.</param>
    public void AddRaw(PackedTestDescriptor descriptor)
    {
        ushort flags = (ushort)(descriptor.Flags | AvailableFlags);
        ref PackedTestDescriptor entry = ref Descriptor(_available);
        if (_unseen++ == 0)
        {
            _firstUnseen = _available;
            _firstUnseenFlags = flags;
            flags = entry.Flags;
        }

        entry = descriptor with { Flags = flags };
        if (++_available == Size)
        {
            _available = 0;
            _availableWrap = !_availableWrap;
        }
    }

    /// <inheritdoc/>
    public override bool Kick()
    {
        int added = _unseen;
        if (added == 0)
        {
            return false;
        }

        _unseen = 0;
        Volatile.Write(ref Field(DescriptorArea, (_firstUnseen * DescriptorLength) + 14), _firstUnseenFlags);
        Interlocked.MemoryBarrier();
        if (DeviceEventFlags != EventDescriptor || !HasEventIndex)
        {
            return DeviceEventFlags != EventDisable;
        }

        int wanted = DeviceEvent & 0x7FFF;
        wanted -= (DeviceEvent >> 15 != 0) == _availableWrap ? 0 : Size;
        return wanted >= _available - added && wanted < _available;
    }

    /// <inheritdoc/>
    public override void DisableInterrupts() => DriverEventFlags = EventDisable;

    /// <inheritdoc/>
    public override void EnableInterrupts(ushort after = 0)
    {
        if (!HasEventIndex)
        {
            DriverEventFlags = EventEnable;
            return;
        }

        int position = _used + after;
        bool wrap = position < Size ? _usedWrap : !_usedWrap;
        DriverEvent = (ushort)((position % Size) | (wrap ? 0x8000 : 0));
        Volatile.Write(ref DriverEventFlags, EventDescriptor);
    }

    private protected override ushort Place(ReadOnlySpan<DriverBuffer> buffers)
    {
        ushort id = _freeIds.Pop();
        _entriesOfId[id] = (ushort)buffers.Length;
        for (int i = 0; i < buffers.Length; i++)
        {
            bool last = i == buffers.Length - 1;
            AddRaw(Element(buffers[i], id, last ? (ushort)0 : Next));
        }

        return id;
    }

    private protected override ushort PlaceIndirect(ReadOnlySpan<DriverBuffer> buffers)
    {
        ushort id = _freeIds.Pop();
        _entriesOfId[id] = 1;
        GuestAddress table = IndirectTable(id, buffers.Length);
        for (int i = 0; i < buffers.Length; i++)
        {
            DescriptorAt(table, i) = Element(buffers[i], 0, 0);
        }

        AddRaw(new PackedTestDescriptor
        {
            Address = table.Value,
            Length = (uint)(buffers.Length * DescriptorLength),
            Id = id,
            Flags = Indirect,
        });
        return id;
    }

    private protected override bool TryTakeUsed(out UsedElement used)
    {
        used = default;
        ushort flags = Volatile.Read(ref Field(DescriptorArea, (_used * DescriptorLength) + 14));
        if ((flags & AvailableFlag) != 0 != _usedWrap || (flags & UsedFlag) != 0 != _usedWrap)
        {
            return false;
        }

        PackedTestDescriptor entry = Descriptor(_used);
        if (entry.Id >= Size || _entriesOfId[entry.Id] == 0)
        {
            throw new InvalidOperationException($"The device used buffer {entry.Id}, which it does not have.");
        }

        used = new UsedElement(entry.Id, entry.Length);
        int entries = _entriesOfId[entry.Id];
        _entriesOfId[entry.Id] = 0;
        _freeIds.Push(entry.Id);
        FreeDescriptors += entries;
        _used += entries;
        if (_used >= Size)
        {
            _used -= Size;
            _usedWrap = !_usedWrap;
        }

        return true;
    }

    private static PackedTestDescriptor Element(in DriverBuffer buffer, ushort id, ushort flags) => new()
    {
        Address = buffer.Address.Value,
        Length = buffer.Length,
        Id = id,
        Flags = (ushort)(flags | (buffer.IsWritable ? Write : 0)),
    };

    private static VirtqueueSetup Describe(TestGuestMemory memory, ushort size, int index) => new(
        index, size, memory.Allocate(DescriptorLength * size, 16), memory.Allocate(4, 4), memory.Allocate(4, 4));

    private static ref ushort Field(Span<byte> area, int offset) =>
        ref MemoryMarshal.AsRef<ushort>(area.Slice(offset, sizeof(ushort)));
}
