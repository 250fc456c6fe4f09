using System.Buffers.Binary;
using System.Numerics;
using StratoVirt.Backends.Block;

namespace StratoVirt.Devices.Virtio.Block;

/// <summary>The configuration space of a block device (virtio 1.3 §5.2.4), as bytes.</summary>
internal static class BlockConfigurationSpace
{
    /// <summary>Bytes, up to the last field of a feature there is.</summary>
    public const int Length = 60;

    /// <summary>Offset of <c>writeback</c>, the only field a driver may write.</summary>
    public const int Writeback = 32;

    /// <summary>Bytes of the protocol's unit, whatever the block size (§5.2.5).</summary>
    public const int Sector = 512;

    /// <summary>Ranges of one discard or write-zeroes request.</summary>
    public const int MaxRanges = 16;

    /// <summary>Sectors of one range: more would keep a reset waiting where zeroes must really be written.</summary>
    public const uint MaxRangeSectors = (256 << 20) / Sector;

    /// <summary>Bytes for a device as it is now.</summary>
    public static byte[] Build(IBlockBackend backend, BlockConfiguration configuration, bool writeback)
    {
        byte[] space = new byte[Length];
        int blocksInPhysical = backend.PhysicalBlock / backend.LogicalBlock;
        BinaryPrimitives.WriteUInt64LittleEndian(space, (ulong)backend.Length / Sector);

        // Header and status take a descriptor each.
        BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(12), (uint)configuration.QueueSize - 2);
        BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(20), (uint)backend.LogicalBlock);
        space[24] = (byte)BitOperations.Log2((uint)blocksInPhysical);
        BinaryPrimitives.WriteUInt16LittleEndian(space.AsSpan(26), (ushort)blocksInPhysical);
        space[Writeback] = writeback ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(space.AsSpan(34), (ushort)configuration.Queues);
        if (backend.CanUnmap)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(36), MaxRangeSectors);
            BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(40), MaxRanges);
            BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(44), (uint)(backend.PhysicalBlock / Sector));
            space[56] = 1;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(48), MaxRangeSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(52), MaxRanges);
        return space;
    }
}
