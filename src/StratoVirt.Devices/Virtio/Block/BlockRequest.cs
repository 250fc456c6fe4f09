using StratoVirt.Backends.Block;
using StratoVirt.Devices.Virtio.Queue;
using StratoVirt.Memory;

namespace StratoVirt.Devices.Virtio.Block;

/// <summary>
/// One request of the driver while the device has it: checked, and with what the backend is told of it. Kept with its
/// chain and used again.
/// </summary>
internal sealed class BlockRequest
{
    private const uint TypeRead = 0;
    private const uint TypeWrite = 1;
    private const uint TypeFlush = 4;
    private const uint TypeIdentity = 8;
    private const uint TypeDiscard = 11;
    private const uint TypeWriteZeroes = 13;

    // Copied from the guest, which may change its own meanwhile; made when the first request needs it.
    private BlockRange[] _ranges = [];

    public BlockRequest(DescriptorChain chain)
    {
        Chain = chain;
        Io = new BlockIo(this);
    }

    /// <summary>The driver's end of it.</summary>
    public DescriptorChain Chain { get; }

    /// <summary>The backend's end of it.</summary>
    public BlockIo Io { get; }

    /// <summary>What it asks for; meaningful where <see cref="Read"/> said Ok and not <see cref="IsIdentity"/>.</summary>
    public BlockOperation Operation { get; private set; }

    /// <summary>It asks for the serial number.</summary>
    public bool IsIdentity { get; private set; }

    /// <summary>Bytes from the start of the disk.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes of data, without header and status.</summary>
    public uint DataLength { get; private set; }

    /// <summary>The next of the requests done together with the first of them.</summary>
    public BlockRequest? Merged { get; set; }

    /// <summary>Ranges of a discard or write-zeroes request.</summary>
    public int RangeCount { get; private set; }

    /// <summary>Ranges given to the backend.</summary>
    public int RangesBegun { get; set; }

    /// <summary>A flush was sent after what it asked for, because nothing may stay in a cache.</summary>
    public bool IsSettling { get; set; }

    /// <summary>It moves data, so it may be done together with a neighbour.</summary>
    public bool IsTransfer => Operation is BlockOperation.Read or BlockOperation.Write;

    /// <summary>Whether there is a byte for the status at all.</summary>
    public bool HasStatus => Chain.WritableLength > 0;

    /// <summary>Reads and checks what the driver has written.</summary>
    /// <returns>Ok, or the status to end it with at once.</returns>
    public BlockStatus Read(IBlockBackend disk)
    {
        Merged = null;
        IsIdentity = false;
        IsSettling = false;
        RangeCount = 0;
        RangesBegun = 0;
        DataLength = 0;
        Operation = BlockOperation.Flush;
        if (!HasStatus || !Chain.TryRead(0, out BlockHeader header))
        {
            return BlockStatus.Error;
        }

        switch (header.Type)
        {
            case TypeRead:
                Operation = BlockOperation.Read;
                DataLength = Chain.WritableLength - 1;
                return CheckTransfer(disk, header.Sector);
            case TypeWrite:
                Operation = BlockOperation.Write;
                DataLength = Chain.ReadableLength - BlockHeader.Size;
                return disk.IsReadOnly ? BlockStatus.Error : CheckTransfer(disk, header.Sector);
            case TypeFlush:
                return BlockStatus.Ok;
            case TypeIdentity:
                IsIdentity = true;
                return BlockStatus.Ok;
            case TypeDiscard:
                Operation = BlockOperation.Discard;
                return !disk.CanUnmap ? BlockStatus.Unsupported : ReadRanges(disk, allowedFlags: 0);
            case TypeWriteZeroes:
                Operation = BlockOperation.WriteZeroes;
                return disk.IsReadOnly ? BlockStatus.Error : ReadRanges(disk, BlockRange.UnmapFlag);
            default:
                return BlockStatus.Unsupported;
        }
    }

    /// <summary>Describes a read or write to its own backend request.</summary>
    public void DescribeTransfer(BlockIoOptions options)
    {
        Io.Begin(Operation, Offset, options: options);
        AddMemory(Io);
    }

    /// <summary>Adds the memory of the data to a backend request, its own or that of the request it is done with.</summary>
    public void AddMemory(BlockIo io)
    {
        bool read = Operation == BlockOperation.Read;
        uint skip = read ? 0 : BlockHeader.Size;
        uint left = DataLength;
        foreach (GuestBuffer buffer in read ? Chain.Writable : Chain.Readable)
        {
            if (skip >= (uint)buffer.Length)
            {
                skip -= (uint)buffer.Length;
                continue;
            }

            int run = (int)Math.Min((uint)buffer.Length - skip, left);
            if (run == 0)
            {
                break;
            }

            io.Add(buffer.Slice((int)skip, run));
            left -= (uint)run;
            skip = 0;
        }
    }

    /// <summary>Describes the next range to the backend request.</summary>
    public void DescribeNextRange()
    {
        BlockRange range = _ranges[RangesBegun++];
        Io.Begin(
            Operation,
            (long)range.Sector * BlockConfigurationSpace.Sector,
            (long)range.Sectors * BlockConfigurationSpace.Sector,
            (range.Flags & BlockRange.UnmapFlag) != 0 ? BlockIoOptions.MayUnmap : BlockIoOptions.None);
    }

    private BlockStatus CheckTransfer(IBlockBackend disk, ulong sector)
    {
        if (!IsInside(disk, sector, DataLength))
        {
            return BlockStatus.Error;
        }

        Offset = (long)sector * BlockConfigurationSpace.Sector;
        return BlockStatus.Ok;
    }

    private BlockStatus ReadRanges(IBlockBackend disk, uint allowedFlags)
    {
        uint length = Chain.ReadableLength - BlockHeader.Size;
        uint count = length / BlockRange.Size;
        if (length % BlockRange.Size != 0 || count is 0 or > BlockConfigurationSpace.MaxRanges)
        {
            return BlockStatus.Error;
        }

        if (_ranges.Length == 0)
        {
            _ranges = new BlockRange[BlockConfigurationSpace.MaxRanges];
        }

        BlockStatus status = BlockStatus.Ok;
        for (uint i = 0; i < count; i++)
        {
            _ = Chain.TryRead(BlockHeader.Size + (i * BlockRange.Size), out BlockRange range);
            _ranges[i] = range;
            if ((range.Flags & ~allowedFlags) != 0)
            {
                // Any unknown flag, and unmap in a discard: the device MUST say unsupported (§5.2.6.2).
                return BlockStatus.Unsupported;
            }

            if (range.Sectors > BlockConfigurationSpace.MaxRangeSectors
                || !IsInside(disk, range.Sector, (long)range.Sectors * BlockConfigurationSpace.Sector))
            {
                status = BlockStatus.Error;
            }
        }

        RangeCount = (int)count;
        return status;
    }

    // Whole blocks within the disk; the sector is compared before it is multiplied.
    private static bool IsInside(IBlockBackend disk, ulong sector, long length)
    {
        ulong sectors = (ulong)disk.Length / BlockConfigurationSpace.Sector;
        ulong wanted = (ulong)length / BlockConfigurationSpace.Sector;
        int mask = disk.LogicalBlock - 1;
        return sector <= sectors
            && wanted <= sectors - sector
            && (length & mask) == 0
            && ((long)(sector * BlockConfigurationSpace.Sector) & mask) == 0;
    }
}
