using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.IoUring;

/// <summary>The two rings as they lie in memory shared with the kernel.</summary>
internal sealed class RingMemory : IDisposable
{
    private readonly MemoryMapping _rings;
    private readonly MemoryMapping _entries;
    private readonly uint _submissionMask;
    private readonly uint _completionMask;
    private readonly int _submissionHead;
    private readonly int _submissionTail;
    private readonly int _completionHead;
    private readonly int _completionTail;
    private readonly int _completions;
    private uint _tail;
    private uint _head;

    internal RingMemory(FileDescriptor ring, in io_uring_params parameters)
    {
        io_sqring_offsets submission = parameters.sq_off;
        io_cqring_offsets completion = parameters.cq_off;
        nuint submissionLength = submission.array + (parameters.sq_entries * sizeof(uint));
        nuint completionLength = completion.cqes + (parameters.cq_entries * 16);
        _rings = MemoryMapping.CreateShared(ring, nuint.Max(submissionLength, completionLength), LibC.IORING_OFF_SQ_RING);
        try
        {
            _entries = MemoryMapping.CreateShared(ring, parameters.sq_entries * 64, LibC.IORING_OFF_SQES);
        }
        catch
        {
            _rings.Dispose();
            throw;
        }

        Entries = parameters.sq_entries;
        _submissionHead = (int)submission.head;
        _submissionTail = (int)submission.tail;
        _completionHead = (int)completion.head;
        _completionTail = (int)completion.tail;
        _completions = (int)completion.cqes;
        _submissionMask = parameters.sq_entries - 1;
        _completionMask = parameters.cq_entries - 1;

        // Entries are used in order, so the kernel's index array names each by its own number, once and for all.
        for (uint i = 0; i < Entries; i++)
        {
            Word((int)submission.array + ((int)i * sizeof(uint))) = i;
        }
    }

    /// <summary>Entries of the submission ring.</summary>
    internal uint Entries { get; }

    /// <summary>Bytes a probe of so many operations fills.</summary>
    internal static int ProbeLength(int operations) =>
        Marshal.SizeOf<io_uring_probe>() + (operations * Marshal.SizeOf<io_uring_probe_op>());

    /// <summary>Whether a filled probe knows an operation.</summary>
    internal static bool IsSupported(ReadOnlySpan<byte> probe, byte operation)
    {
        var head = MemoryMarshal.Read<io_uring_probe>(probe);
        ReadOnlySpan<io_uring_probe_op> operations =
            MemoryMarshal.Cast<byte, io_uring_probe_op>(probe[Marshal.SizeOf<io_uring_probe>()..]);
        return operation <= head.last_op && (operations[operation].flags & LibC.IO_URING_OP_SUPPORTED) != 0;
    }

    internal bool TryPush(in io_uring_sqe entry)
    {
        if (_tail - Volatile.Read(ref Word(_submissionHead)) > _submissionMask)
        {
            return false;
        }

        Entry(_tail & _submissionMask) = entry;
        _tail++;
        Volatile.Write(ref Word(_submissionTail), _tail);
        return true;
    }

    /// <summary>Takes the last entry back, which the kernel has not seen: it looks only when it is entered.</summary>
    internal ulong Pop()
    {
        _tail--;
        Volatile.Write(ref Word(_submissionTail), _tail);
        return Entry(_tail & _submissionMask).user_data;
    }

    internal bool TryTake(out ulong token, out int result)
    {
        if (_head == Volatile.Read(ref Word(_completionTail)))
        {
            token = 0;
            result = 0;
            return false;
        }

        ref io_uring_cqe completion = ref Completion(_head & _completionMask);
        token = completion.user_data;
        result = completion.res;
        _head++;
        Volatile.Write(ref Word(_completionHead), _head);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _entries.Dispose();
        _rings.Dispose();
    }

    // SAFETY: the offset is one the kernel has given for this mapping, whose length was computed from the same numbers.
    private unsafe ref uint Word(int offset) => ref *(uint*)(_rings.Address + offset);

    // SAFETY: the index is masked to the number of entries the mapping was made for.
    private unsafe ref io_uring_sqe Entry(uint index) => ref ((io_uring_sqe*)_entries.Address)[index];

    // SAFETY: the index is masked to the number of completions the mapping was made for.
    private unsafe ref io_uring_cqe Completion(uint index) => ref ((io_uring_cqe*)(_rings.Address + _completions))[index];
}
