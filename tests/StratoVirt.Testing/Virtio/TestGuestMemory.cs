using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Memory;

namespace StratoVirt.Testing.Virtio;

/// <summary>
/// A guest's RAM and its allocator. Each allocation lies between two red zones: a device
/// that writes beside a buffer is found by <see cref="FirstDamage"/>.
/// </summary>
public sealed class TestGuestMemory : IDisposable
{
    /// <summary>Where the RAM begins unless told otherwise; nothing is below it.</summary>
    public const ulong DefaultStart = 0x10_0000;

    /// <summary>Bytes of RAM unless told otherwise.</summary>
    public const ulong DefaultLength = 16 << 20;

    private const int RedZone = 64;
    private const byte RedZoneByte = 0xC5;

    private readonly GuestRange _heap;
    private readonly List<GuestRange> _redZones = [];
    private ulong _next;

    /// <summary>Makes zeroed RAM.</summary>
    /// <param name="ranges">Where RAM is; allocations come from the first. None: one range at
    /// <see cref="DefaultStart"/>.</param>
    public TestGuestMemory(params GuestRange[] ranges)
        : this(false, ranges)
    {
    }

    private TestGuestMemory(bool isShared, GuestRange[] ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        if (ranges.Length == 0)
        {
            ranges = [new GuestRange(new GuestAddress(DefaultStart), DefaultLength)];
        }

        Memory = isShared ? GuestMemory.CreateShared(ranges) : GuestMemory.CreateAnonymous(ranges);
        _heap = ranges[0];
        _next = _heap.Start.Value;
    }

    /// <summary>As the constructor, with RAM that other processes can map.</summary>
    public static TestGuestMemory CreateShared(params GuestRange[] ranges) => new(true, ranges);

    /// <summary>The memory as devices see it.</summary>
    public GuestMemory Memory { get; }

    /// <summary>The first address behind the heap: no RAM, unless the test has put some there.</summary>
    public GuestAddress End => _heap.End;

    /// <summary>Bytes not allocated yet.</summary>
    public long Left => (long)(_heap.End.Value - _next);

    /// <summary>The first red zone that was written to; null when all are whole.</summary>
    public GuestRange? FirstDamage
    {
        get
        {
            foreach (GuestRange zone in _redZones)
            {
                if (Span(zone.Start, (int)zone.Length).ContainsAnyExcept(RedZoneByte))
                {
                    return zone;
                }
            }

            return null;
        }
    }

    /// <summary>Takes zeroed bytes.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="alignment">The address is a multiple of it.</param>
    /// <exception cref="InvalidOperationException">The RAM is used up.</exception>
    public GuestAddress Allocate(int length, int alignment = 16)
    {
        ulong mask = (ulong)alignment - 1;
        ulong start = (_next + RedZone + mask) & ~mask;
        ulong end = start + (ulong)length;
        if (end + RedZone > _heap.End.Value)
        {
            throw new InvalidOperationException($"The guest's RAM of {_heap.Length} bytes is used up.");
        }

        Guard(_next, start);
        Guard(end, end + RedZone);
        _next = end + RedZone;
        return new GuestAddress(start);
    }

    /// <summary>A new buffer for a device to read, holding a copy of the bytes.</summary>
    public DriverBuffer Readable(ReadOnlySpan<byte> content)
    {
        GuestAddress address = Allocate(content.Length);
        content.CopyTo(Span(address, content.Length));
        return DriverBuffer.Readable(address, (uint)content.Length);
    }

    /// <summary>A new buffer for a device to read, holding a little-endian structure.</summary>
    public DriverBuffer Readable<T>(in T content)
        where T : unmanaged => Readable(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in content)));

    /// <summary>A new zeroed buffer for a device to write.</summary>
    public DriverBuffer Writable(int length) => DriverBuffer.Writable(Allocate(length), (uint)length);

    /// <summary>The bytes themselves.</summary>
    /// <exception cref="ArgumentException">They are no RAM.</exception>
    public Span<byte> Span(GuestAddress address, int length) =>
        Memory.TryGetSpan(address, length, out Span<byte> span)
            ? span
            : throw new ArgumentException($"{length} bytes at {address} are no RAM.", nameof(address));

    /// <summary>A buffer's bytes themselves.</summary>
    public Span<byte> Span(in DriverBuffer buffer) => Span(buffer.Address, (int)buffer.Length);

    /// <summary>A structure where it lies, for reading and writing in place.</summary>
    public ref T Ref<T>(GuestAddress address)
        where T : unmanaged => ref MemoryMarshal.AsRef<T>(Span(address, Unsafe.SizeOf<T>()));

    /// <summary>Takes every allocation back and zeroes the RAM that was allocated.</summary>
    public void Clear()
    {
        _ = Memory.TryZero(_heap.Start, _next - _heap.Start.Value);
        _redZones.Clear();
        _next = _heap.Start.Value;
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();

    private void Guard(ulong start, ulong end)
    {
        var zone = new GuestRange(new GuestAddress(start), end - start);
        Span(zone.Start, (int)zone.Length).Fill(RedZoneByte);
        _redZones.Add(zone);
    }
}
