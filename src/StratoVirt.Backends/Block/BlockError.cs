using System.Runtime.InteropServices;
using StratoVirt.Linux;

namespace StratoVirt.Backends.Block;

/// <summary>A request the host could not do. A structure, so that a guest cannot fill the heap with errors.</summary>
/// <param name="Operation">What was asked.</param>
/// <param name="Offset">Bytes from the start of the disk.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Errno">Why it failed; <see cref="BlockIo.EndOfImage"/> when the image has become too short.</param>
public readonly record struct BlockError(BlockOperation Operation, long Offset, long Length, Errno Errno)
{
    /// <summary>For the operator.</summary>
    public override string ToString()
    {
        string reason = Errno == BlockIo.EndOfImage
            ? "the image has become shorter than the disk"
            : Marshal.GetPInvokeErrorMessage((int)Errno);
        return $"{Operation} of {Length} bytes at {Offset} failed: {reason} (errno {(int)Errno})";
    }
}
