using System.Runtime.InteropServices;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio;

/// <summary>The driver's end of a split virtqueue (virtio 1.3 §2.7).</summary>
public sealed class SplitDriverQueue : DriverQueue
{
    /// <summary>VIRTQ_DESC_F_NEXT.</summary>
    public const ushort Next = 1;

    /// <summary>VIRTQ_DESC_F_WRITE.</summary>
    public const ushort Write = 2;

    /// <summary>VIRTQ_DESC_F_INDIRECT.</summary>
    public const ushort Indirect = 4;

    // While a descriptor is in use, the next of its chain; else the next free one.
    private readonly ushort[] _links;
    private readonly ushort[] _entriesOfHead;
    private ushort _firstFree;
    private ushort _available;
    private ushort _kicked;
    private ushort _used;

    internal SplitDriverQueue(TestGuestMemory memory, ushort size, VirtqueueOptions options, int index)
        : base(memory, Describe(memory, size, index), options, AvailableLength(size), UsedLength(size))
    {
        _links = [.. Enumerable.Range(1, size).Select(next => (ushort)next)];
        _entriesOfHead = new ushort[size];
    }

    /// <summary>The available index as the device sees it.</summary>
    public ref ushort AvailableIndex => ref Field(DriverArea, 2);

    /// <summary>The available ring's flags: 1 asks for no interrupts.</summary>
    public ref ushort AvailableFlags => ref Field(DriverArea, 0);

    /// <summary>With event indexes, the used index of which the driver wants an interrupt.</summary>
    public ref ushort UsedEvent => ref Field(DriverArea, 4 + (2 * Size));

    /// <summary>The used index as the device has written it.</summary>
    public ref ushort UsedIndex => ref Field(DeviceArea, 2);

    /// <summary>The used ring's flags: 1 asks for no notifications.</summary>
    public ref ushort UsedFlags => ref Field(DeviceArea, 0);

    /// <summary>With event indexes, the available index of which the device wants a notification.</summary>
    public ref ushort AvailableEvent => ref Field(DeviceArea, 4 + (8 * Size));

    /// <summary>An entry of the available ring: the number of a chain's first descriptor.</summary>
    public ref ushort Available(int entry) => ref Field(DriverArea, 4 + (2 * (entry % Size)));

    /// <summary>A descriptor of the table.</summary>
    public ref SplitTestDescriptor Descriptor(int number) => ref DescriptorAt(Setup.DescriptorArea, number);

    /// <summary>A descriptor of an indirect table.</summary>
    public ref SplitTestDescriptor DescriptorAt(GuestAddress table, int number) =>
        ref Memory.Ref<SplitTestDescriptor>(table + (ulong)(number * DescriptorLength));

    /// <summary>Makes a chain that the test has written itself available; not to be mixed with <see cref="DriverQueue.Add"/>.</summary>
    public void AddRaw(ushort head) => Available(_available++) = head;

    /// <inheritdoc/>
    public override bool Kick()
    {
        ushort before = _kicked;
        _kicked = _available;
        Volatile.Write(ref AvailableIndex, _available);
        Interlocked.MemoryBarrier();
        return HasEventIndex
            ? (ushort)(_available - Volatile.Read(ref AvailableEvent) - 1) < (ushort)(_available - before)
            : before != _available && (Volatile.Read(ref UsedFlags) & 1) == 0;
    }

    /// <inheritdoc/>
    public override void DisableInterrupts()
    {
        AvailableFlags = HasEventIndex ? (ushort)0 : (ushort)1;
        UsedEvent = (ushort)(_used - 1);
    }

    /// <inheritdoc/>
    public override void EnableInterrupts(ushort after = 0)
    {
        AvailableFlags = 0;
        Volatile.Write(ref UsedEvent, (ushort)(_used + after));
    }

    private protected override ushort Place(ReadOnlySpan<DriverBuffer> buffers)
    {
        ushort head = _firstFree;
        _entriesOfHead[head] = (ushort)buffers.Length;
        for (int i = 0; i < buffers.Length; i++)
        {
            ushort number = _firstFree;
            _firstFree = _links[number];
            bool last = i == buffers.Length - 1;
            Descriptor(number) = SplitTestDescriptor.Of(buffers[i], last ? null : _firstFree);
        }

        AddRaw(head);
        return head;
    }

    private protected override ushort PlaceIndirect(ReadOnlySpan<DriverBuffer> buffers)
    {
        ushort head = _firstFree;
        _firstFree = _links[head];
        _entriesOfHead[head] = 1;
        GuestAddress table = IndirectTable(head, buffers.Length);
        for (int i = 0; i < buffers.Length; i++)
        {
            DescriptorAt(table, i) = SplitTestDescriptor.Of(buffers[i], i == buffers.Length - 1 ? null : (ushort)(i + 1));
        }

        Descriptor(head) = new SplitTestDescriptor
        {
            Address = table.Value,
            Length = (uint)(buffers.Length * DescriptorLength),
            Flags = Indirect,
        };
        AddRaw(head);
        return head;
    }

    private protected override bool TryTakeUsed(out UsedElement used)
    {
        used = default;
        if (Volatile.Read(ref UsedIndex) == _used)
        {
            return false;
        }

        Span<byte> entry = DeviceArea.Slice(4 + (8 * (_used % Size)), 8);
        uint id = MemoryMarshal.Read<uint>(entry);
        if (id >= Size)
        {
            throw new InvalidOperationException($"The device used descriptor {id} of {Size}.");
        }

        used = new UsedElement((ushort)id, MemoryMarshal.Read<uint>(entry[4..]));
        _used++;
        Free(used.Id);
        return true;
    }

    private void Free(ushort head)
    {
        int entries = _entriesOfHead[head];
        if (entries == 0)
        {
            // Written by the test itself.
            return;
        }

        _entriesOfHead[head] = 0;
        FreeDescriptors += entries;
        ushort last = head;
        for (int i = 1; i < entries; i++)
        {
            last = _links[last];
        }

        _links[last] = _firstFree;
        _firstFree = head;
    }

    private static int AvailableLength(ushort size) => 6 + (2 * size);

    private static int UsedLength(ushort size) => 6 + (8 * size);

    private static VirtqueueSetup Describe(TestGuestMemory memory, ushort size, int index) => new(
        index,
        size,
        memory.Allocate(DescriptorLength * size, 16),
        memory.Allocate(AvailableLength(size), 2),
        memory.Allocate(UsedLength(size), 4));

    private static ref ushort Field(Span<byte> area, int offset) =>
        ref MemoryMarshal.AsRef<ushort>(area.Slice(offset, sizeof(ushort)));
}
