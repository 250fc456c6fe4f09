using System.Buffers.Binary;
using System.Runtime.InteropServices;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Queue;

/// <summary>
/// A packed virtqueue (virtio 1.3 §2.8): one ring, in which the driver writes what is available and the device, from
/// the same beginning and never ahead of what it has taken, what is used.
/// </summary>
internal sealed class PackedVirtqueue : Virtqueue
{
    private const int MaxSize = 1 << 15;
    private const int EventSuppressionLength = 4;

    // struct pvirtq_event_suppress as one le32: entry and wrap counter below, flags above (§2.8.10, §2.8.14).
    private const int EventFlagsShift = 16;
    private const uint EventFlagsMask = 3;
    private const uint EventsEnabled = 0;
    private const uint EventsDisabled = 1;
    private const uint EventAtDescriptor = 2;

    private readonly GuestBuffer _ring;
    private readonly GuestBuffer _driverEvents;
    private readonly GuestBuffer _deviceEvents;
    private PackedPosition _nextAvailable = PackedPosition.Start;
    private PackedPosition _nextUsed = PackedPosition.Start;

    // Ring entries of chains the device has taken, and of those among them it has used but not shown.
    private int _held;
    private int _unpublished;

    // The first unpublished used descriptor: written whole but for its flags, which show all behind it too.
    private PackedPosition _firstUnpublished;
    private DescriptorFlags _firstUnpublishedFlags;

    private PackedVirtqueue(
        in VirtqueueSetup setup,
        VirtqueueOptions options,
        GuestMemory memory,
        GuestBuffer ring,
        GuestBuffer driverEvents,
        GuestBuffer deviceEvents)
        : base(setup, options, memory)
    {
        _ring = ring;
        _driverEvents = driverEvents;
        _deviceEvents = deviceEvents;
    }

    /// <inheritdoc cref="Virtqueue.TryCreate"/>
    public static new VirtqueueFault TryCreate(
        in VirtqueueSetup setup, VirtqueueOptions options, GuestMemory memory, out Virtqueue? queue)
    {
        queue = null;
        int size = setup.Size;
        if (size is 0 or > MaxSize)
        {
            return VirtqueueFault.BadSize;
        }

        if (!RingArea.TryGet(memory, setup.DescriptorArea, PackedDescriptor.Size * size, 16, out GuestBuffer ring)
            || !RingArea.TryGet(memory, setup.DriverArea, EventSuppressionLength, 4, out GuestBuffer driverEvents)
            || !RingArea.TryGet(memory, setup.DeviceArea, EventSuppressionLength, 4, out GuestBuffer deviceEvents))
        {
            return VirtqueueFault.BadRing;
        }

        queue = new PackedVirtqueue(setup, options, memory, ring, driverEvents, deviceEvents);
        return VirtqueueFault.None;
    }

    /// <inheritdoc/>
    public override bool Publish()
    {
        int entries = _unpublished;
        if (entries == 0)
        {
            return false;
        }

        // Everything else is visible before these flags, these flags before the driver's wish is read (§2.8.22).
        Volatile.Write(ref Flags(_firstUnpublished.Entry), (ushort)_firstUnpublishedFlags);
        _unpublished = 0;
        _held -= entries;
        Interlocked.MemoryBarrier();
        uint wish = Volatile.Read(ref Events(_driverEvents));
        uint flags = (wish >> EventFlagsShift) & EventFlagsMask;
        if (flags != EventAtDescriptor || !HasEventIndex)
        {
            return flags != EventsDisabled;
        }

        // Both ends of what was shown, and the entry waited for, counted from the beginning of this lap.
        var wanted = PackedPosition.Decode((ushort)wish);
        int entry = wanted.Wrap == _nextUsed.Wrap ? wanted.Entry : wanted.Entry - Size;
        return entry >= _nextUsed.Entry - entries && entry < _nextUsed.Entry;
    }

    /// <inheritdoc/>
    public override void SuppressNotifications() =>
        Volatile.Write(ref Events(_deviceEvents), EventsDisabled << EventFlagsShift);

    /// <inheritdoc/>
    public override bool AllowNotifications()
    {
        uint events = HasEventIndex
            ? (EventAtDescriptor << EventFlagsShift) | _nextAvailable.Encoded
            : EventsEnabled << EventFlagsShift;
        Volatile.Write(ref Events(_deviceEvents), events);
        Interlocked.MemoryBarrier();
        return HasWork;
    }

    /// <inheritdoc/>
    public override void Restore(VirtqueueState state)
    {
        var available = PackedPosition.Decode(state.Available);
        var used = PackedPosition.Decode(state.Used);
        if (available.Entry >= Size || used.Entry >= Size)
        {
            throw new DeviceStateException($"queue {Index}", $"it stands at an entry the ring of {Size} does not have");
        }

        _nextAvailable = available;
        _nextUsed = used;
    }

    private protected override bool IsAvailable =>
        _nextAvailable.IsAvailable((DescriptorFlags)Volatile.Read(ref Flags(_nextAvailable.Entry)));

    private protected override VirtqueueState Positions => new(_nextAvailable.Encoded, _nextUsed.Encoded);

    private protected override bool IsPublished => _unpublished == 0;

    private protected override bool Take(DescriptorChain chain)
    {
        if (!IsAvailable)
        {
            return false;
        }

        VirtqueueFault fault = Walk(chain, out int entries);
        if (fault != VirtqueueFault.None)
        {
            return Break(fault);
        }

        chain.RingEntries = (ushort)entries;
        _held += entries;
        _nextAvailable = _nextAvailable.Move(entries, Size);
        return true;
    }

    private protected override void Untake(DescriptorChain chain)
    {
        _held -= chain.RingEntries;
        _nextAvailable = _nextAvailable.Move(-chain.RingEntries, Size);
    }

    private protected override void PutUsed(DescriptorChain chain, uint written)
    {
        DescriptorFlags flags = _nextUsed.Used | (written == 0 ? DescriptorFlags.None : DescriptorFlags.Write);
        Span<byte> descriptor = Entry(_nextUsed.Entry);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[PackedDescriptor.LengthOffset..], written);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[PackedDescriptor.IdOffset..], chain.Id);
        if (_unpublished == 0)
        {
            _firstUnpublished = _nextUsed;
            _firstUnpublishedFlags = flags;
        }
        else
        {
            // The driver looks here only after the first one's flags have changed (§2.8.2).
            Flags(_nextUsed.Entry) = (ushort)flags;
        }

        _unpublished += chain.RingEntries;
        _nextUsed = _nextUsed.Move(chain.RingEntries, Size);
    }

    private VirtqueueFault Walk(DescriptorChain chain, out int entries)
    {
        PackedPosition at = _nextAvailable;
        for (entries = 1; entries <= Size; entries++)
        {
            // A driver never has more descriptors under way than the ring is long; without this, a list could run into
            // entries the device has yet to give back.
            if (_held + entries > Size)
            {
                return entries == 1 ? VirtqueueFault.BufferInUse : VirtqueueFault.ChainTooLong;
            }

            PackedDescriptor descriptor = MemoryMarshal.Read<PackedDescriptor>(Entry(at.Entry));
            if (!at.IsAvailable(descriptor.Flags))
            {
                return VirtqueueFault.NotAvailable;
            }

            // The last descriptor's id names the buffer (§2.8.6); it means nothing to the device.
            chain.Id = descriptor.Id;
            if (descriptor.IsIndirect)
            {
                return entries > 1 || descriptor.HasNext || !HasIndirect
                    ? VirtqueueFault.BadIndirectTable
                    : ReadIndirect(descriptor, chain);
            }

            VirtqueueFault fault = chain.Append(Memory, descriptor.Address, descriptor.Length, descriptor.IsWritable);
            if (fault != VirtqueueFault.None || !descriptor.HasNext)
            {
                return fault;
            }

            at = at.Move(1, Size);
        }

        return VirtqueueFault.ChainTooLong;
    }

    // The whole table is the list, in order; of its flags only WRITE means anything, so tables cannot nest (§2.8.7).
    private VirtqueueFault ReadIndirect(in PackedDescriptor table, DescriptorChain chain)
    {
        uint entries = table.Length / PackedDescriptor.Size;
        if (entries == 0 || table.Length % PackedDescriptor.Size != 0)
        {
            return VirtqueueFault.BadIndirectTable;
        }

        if (entries > Size)
        {
            return VirtqueueFault.ChainTooLong;
        }

        var start = new GuestAddress(table.Address);
        for (uint i = 0; i < entries; i++)
        {
            if (!start.TryAdd(i * PackedDescriptor.Size, out GuestAddress address)
                || !Memory.TryRead(address, out PackedDescriptor descriptor))
            {
                return VirtqueueFault.BadAddress;
            }

            VirtqueueFault fault = chain.Append(Memory, descriptor.Address, descriptor.Length, descriptor.IsWritable);
            if (fault != VirtqueueFault.None)
            {
                return fault;
            }
        }

        return VirtqueueFault.None;
    }

    private Span<byte> Entry(int entry) => _ring.Span.Slice(entry * PackedDescriptor.Size, PackedDescriptor.Size);

    private ref ushort Flags(int entry) =>
        ref MemoryMarshal.AsRef<ushort>(Entry(entry)[PackedDescriptor.FlagsOffset..]);

    private static ref uint Events(GuestBuffer area) => ref MemoryMarshal.AsRef<uint>(area.Span);
}
