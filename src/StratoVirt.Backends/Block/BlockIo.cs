using StratoVirt.Linux;
using StratoVirt.Linux.Storage;
using StratoVirt.Memory;

namespace StratoVirt.Backends.Block;

/// <summary>
/// One request to an image, used again for the next: whoever submits requests makes one for each that may be under way
/// at once. It belongs to the image from <see cref="IBlockBackend.Submit"/> until <see cref="IBlockBackend.TryCollect"/>
/// gives it back.
/// </summary>
public sealed class BlockIo
{
    /// <summary>The result of reading behind the end of the image: ENODATA, which no file system uses for it. Disks do for
    /// bad sectors: theirs becomes <see cref="Errno.InputOutput"/>.</summary>
    public const Errno EndOfImage = Errno.NoData;

    private const int UsualVectors = 4;

    // The kernel is given its address, so it must not move.
    private IoVector[] _vectors = GC.AllocateArray<IoVector>(UsualVectors, pinned: true);
    private int _first;

    /// <summary>Makes one.</summary>
    /// <param name="owner">Whatever the submitter wants to find again when it completes.</param>
    public BlockIo(object owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Owner = owner;
    }

    /// <summary>As given by the submitter.</summary>
    public object Owner { get; }

    /// <summary>What is asked.</summary>
    public BlockOperation Operation { get; private set; }

    /// <summary>How.</summary>
    public BlockIoOptions Options { get; private set; }

    /// <summary>Bytes from the start of the image.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes it covers.</summary>
    public long Length { get; private set; }

    /// <summary>How it ended; <see cref="Errno.None"/> for success.</summary>
    public Errno Result { get; internal set; }

    /// <summary>Pieces of memory it has.</summary>
    public int VectorCount { get; private set; }

    /// <summary>Bytes done so far.</summary>
    internal long Done { get; private set; }

    /// <summary>The next in whatever list it is in.</summary>
    internal BlockIo? Next { get; set; }

    /// <summary>Aligned memory that stands in for the guest's, by its number; -1 for none.</summary>
    internal int Bounce { get; set; } = -1;

    /// <summary>Which way of writing zeroes is being tried.</summary>
    internal int Attempt { get; set; }

    /// <summary>Begins a description, forgetting the one before.</summary>
    /// <param name="operation">What is asked.</param>
    /// <param name="offset">Bytes from the start of the image.</param>
    /// <param name="length">Bytes, for <see cref="BlockOperation.Discard"/> and <see cref="BlockOperation.WriteZeroes"/>;
    /// for reads and writes memory adds up to it.</param>
    /// <param name="options">How.</param>
    public void Begin(BlockOperation operation, long offset, long length = 0, BlockIoOptions options = BlockIoOptions.None)
    {
        Operation = operation;
        Options = options;
        Offset = offset;
        Length = length;
        Result = Errno.None;
        Done = 0;
        Attempt = 0;
        VectorCount = 0;
        _first = 0;
    }

    /// <summary>Adds memory to read into or write from, behind what was added before.</summary>
    public void Add(GuestBuffer buffer) => Add(new IoVector(buffer.HostAddress, buffer.Length));

    /// <summary>The reason of a failure, for the operator.</summary>
    public BlockError Describe() => new(Operation, Offset, Length, Result);

    /// <summary>Memory still to be served, first the piece that comes next.</summary>
    internal ReadOnlySpan<IoVector> Remaining => _vectors.AsSpan(_first, VectorCount - _first);

    /// <summary>The array <see cref="Remaining"/> lies in, pinned.</summary>
    internal IoVector[] Vectors => _vectors;

    /// <summary>Where in <see cref="Vectors"/> the remaining ones begin.</summary>
    internal int First => _first;

    /// <summary>Counts bytes as done and leaves their memory behind.</summary>
    internal void Advance(long bytes)
    {
        Done += bytes;
        while (bytes > 0 && _first < VectorCount)
        {
            IoVector vector = _vectors[_first];
            if (bytes < vector.Length)
            {
                _vectors[_first] = vector.Slice((int)bytes, vector.Length - (int)bytes);
                return;
            }

            bytes -= vector.Length;
            _first++;
        }
    }

    private void Add(IoVector vector)
    {
        if (VectorCount == _vectors.Length)
        {
            IoVector[] larger = GC.AllocateUninitializedArray<IoVector>(_vectors.Length * 2, pinned: true);
            _vectors.CopyTo(larger, 0);
            _vectors = larger;
        }

        _vectors[VectorCount++] = vector;
        Length += vector.Length;
    }
}
