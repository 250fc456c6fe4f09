using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio;

/// <summary>
/// The driver's end of one virtqueue in test memory (virtio 1.3 §2.7, §2.8). Correct by itself; a hostile test reaches
/// every byte of the rings through <see cref="DescriptorArea"/>, <see cref="DriverArea"/> and <see cref="DeviceArea"/>.
/// Allocates nothing after a request of each shape has been added once.
/// </summary>
/// <remarks><see cref="Add"/> places requests, <see cref="Kick"/> shows them to the device, <see cref="TryCollect"/>
/// takes back what the device has used.</remarks>
public abstract class DriverQueue
{
    private readonly GuestAddress?[] _indirectTables;

    private protected DriverQueue(TestGuestMemory memory, in VirtqueueSetup setup, VirtqueueOptions options, int driverLength, int deviceLength)
    {
        Memory = memory;
        Setup = setup;
        Options = options;
        FreeDescriptors = setup.Size;
        _indirectTables = new GuestAddress?[setup.Size];
        DriverLength = driverLength;
        DeviceLength = deviceLength;
    }

    /// <summary>What the device is told about the queue.</summary>
    public VirtqueueSetup Setup { get; }

    /// <summary>What was negotiated.</summary>
    public VirtqueueOptions Options { get; }

    /// <summary>The queue's number in its device.</summary>
    public int Index => Setup.Index;

    /// <summary>Entries.</summary>
    public ushort Size => Setup.Size;

    /// <summary>Descriptors not in use.</summary>
    public int FreeDescriptors { get; private protected set; }

    /// <summary>Requests added and not collected.</summary>
    public int Outstanding { get; private protected set; }

    /// <summary>The memory it lies in.</summary>
    public TestGuestMemory Memory { get; }

    /// <summary>Split: the descriptor table; packed: the descriptor ring. 16 bytes an entry.</summary>
    public Span<byte> DescriptorArea => Memory.Span(Setup.DescriptorArea, DescriptorLength * Size);

    /// <summary>Split: flags, index, the available ring, used_event. Packed: off_wrap, flags.</summary>
    public Span<byte> DriverArea => Memory.Span(Setup.DriverArea, DriverLength);

    /// <summary>Split: flags, index, the used ring, avail_event. Packed: off_wrap, flags.</summary>
    public Span<byte> DeviceArea => Memory.Span(Setup.DeviceArea, DeviceLength);

    /// <summary>Whether event indexes were negotiated.</summary>
    private protected bool HasEventIndex => (Options & VirtqueueOptions.EventIndex) != 0;

    private protected const int DescriptorLength = 16;

    private int DriverLength { get; }

    private int DeviceLength { get; }

    /// <summary>Makes an empty queue in new memory.</summary>
    /// <param name="memory">Where rings and indirect tables are allocated.</param>
    /// <param name="size">Entries; split: a power of two.</param>
    /// <param name="options">What was negotiated.</param>
    /// <param name="index">The queue's number in its device.</param>
    public static DriverQueue Create(
        TestGuestMemory memory, ushort size, VirtqueueOptions options = VirtqueueOptions.None, int index = 0)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return options.HasFlag(VirtqueueOptions.Packed)
            ? new PackedDriverQueue(memory, size, options, index)
            : new SplitDriverQueue(memory, size, options, index);
    }

    /// <summary>Places a request; the device sees it after <see cref="Kick"/>.</summary>
    /// <param name="buffers">At least one element. The order is the test's: it is not corrected.</param>
    /// <param name="indirect">Whether through an indirect table, which takes one descriptor; needs
    /// <see cref="VirtqueueOptions.Indirect"/> to be legal.</param>
    /// <returns>The request's id, of no other request until it is collected.</returns>
    /// <exception cref="InvalidOperationException">There are not enough free descriptors.</exception>
    public ushort Add(ReadOnlySpan<DriverBuffer> buffers, bool indirect = false)
    {
        int entries = indirect ? 1 : buffers.Length;
        if (buffers.IsEmpty || entries > FreeDescriptors)
        {
            throw new InvalidOperationException($"{entries} descriptors do not fit: {FreeDescriptors} of {Size} are free.");
        }

        ushort id = indirect ? PlaceIndirect(buffers) : Place(buffers);
        FreeDescriptors -= entries;
        Outstanding++;
        return id;
    }

    /// <summary>Shows the device what was added.</summary>
    /// <returns>Whether the device asked to be notified of it.</returns>
    public abstract bool Kick();

    /// <summary>Takes back the next request the device has used; false when there is none.</summary>
    public bool TryCollect(out UsedElement used)
    {
        if (!TryTakeUsed(out used))
        {
            return false;
        }

        Outstanding = Math.Max(0, Outstanding - 1);
        return true;
    }

    /// <summary>Takes back the next request the device has used.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public UsedElement Collect() =>
        TryCollect(out UsedElement used) ? used : throw new InvalidOperationException($"Queue {Index}: nothing was used.");

    /// <summary>Asks the device for no interrupts.</summary>
    public abstract void DisableInterrupts();

    /// <summary>Asks the device for an interrupt.</summary>
    /// <param name="after">With event indexes: used elements (packed: their descriptors) that may come without one
    /// first.</param>
    public abstract void EnableInterrupts(ushort after = 0);

    private protected abstract ushort Place(ReadOnlySpan<DriverBuffer> buffers);

    private protected abstract ushort PlaceIndirect(ReadOnlySpan<DriverBuffer> buffers);

    private protected abstract bool TryTakeUsed(out UsedElement used);

    // One table for each entry, as long as the longest legal chain; longer ones, for hostile tests, are made each time.
    private protected GuestAddress IndirectTable(int entry, int descriptors) => descriptors > Size
        ? Memory.Allocate(descriptors * DescriptorLength)
        : _indirectTables[entry] ??= Memory.Allocate(Size * DescriptorLength);
}
