using System.Buffers.Binary;
using StratoVirt.Devices.Virtio.Queue;

namespace StratoVirt.Devices.Virtio.Balloon;

/// <summary>
/// The statistics received last: values by their tag. Filled on the I/O thread without allocating, read by anybody.
/// </summary>
internal sealed class StatisticsReport(TimeProvider time)
{
    // le16 tag, le64 value, packed (§5.5.6.1).
    private const int EntrySize = 10;
    private const int Tags = 16;

    // Entries may come in any order and twice; more than this nobody has to say.
    private const int MostEntries = 64;

    private readonly Lock _gate = new();
    private readonly ulong[] _values = new ulong[Tags];
    private uint _present;
    private DateTimeOffset _receivedAt;

    /// <summary>Takes a report: unknown tags and a torn entry at the end are ignored.</summary>
    internal void Read(DescriptorChain chain)
    {
        Span<byte> entries = stackalloc byte[EntrySize * MostEntries];
        entries = entries[..chain.Read(0, entries)];
        lock (_gate)
        {
            _present = 0;
            _receivedAt = time.GetUtcNow();
            for (; entries.Length >= EntrySize; entries = entries[EntrySize..])
            {
                int tag = BinaryPrimitives.ReadUInt16LittleEndian(entries);
                if (tag < Tags)
                {
                    _values[tag] = BinaryPrimitives.ReadUInt64LittleEndian(entries[sizeof(ushort)..]);
                    _present |= 1u << tag;
                }
            }
        }
    }

    /// <summary>The guest has gone, and what it said with it.</summary>
    internal void Clear()
    {
        lock (_gate)
        {
            _present = 0;
            _receivedAt = default;
        }
    }

    /// <summary>The report; null when there is none.</summary>
    internal BalloonStatistics? Snapshot()
    {
        lock (_gate)
        {
            return _receivedAt == default ? null : new BalloonStatistics
            {
                ReceivedAt = _receivedAt,
                SwapIn = Value(0),
                SwapOut = Value(1),
                MajorFaults = Value(2),
                MinorFaults = Value(3),
                FreeMemory = Value(4),
                TotalMemory = Value(5),
                AvailableMemory = Value(6),
                DiskCaches = Value(7),
                HugePageAllocations = Value(8),
                HugePageFailures = Value(9),
                OutOfMemoryKills = Value(10),
                AllocationStalls = Value(11),
                AsyncScans = Value(12),
                DirectScans = Value(13),
                AsyncReclaims = Value(14),
                DirectReclaims = Value(15),
            };
        }
    }

    private ulong? Value(int tag) => (_present & (1u << tag)) != 0 ? _values[tag] : null;
}
