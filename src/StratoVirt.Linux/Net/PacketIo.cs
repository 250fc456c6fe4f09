using System.Runtime.CompilerServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;
using StratoVirt.Linux.Storage;

namespace StratoVirt.Linux.Net;

/// <summary>
/// Moves one packet between a descriptor and memory in many pieces, with a few bytes of this process in front of it
/// or behind it. Allocates nothing. A signal is no reason to return.
/// </summary>
public static class PacketIo
{
    /// <summary>The most pieces of a packet, beside the bytes of this process.</summary>
    public const int MaxParts = LibC.IOV_MAX - 2;

    private const long NoOffset = -1;

    // Packets of a well-made driver have some twenty pieces; what is longer is rare enough for the large frame.
    private const int UsualParts = 64;

    /// <summary>Writes a packet at once (pwritev2).</summary>
    /// <param name="descriptor">A descriptor that keeps packets apart, such as a tap.</param>
    /// <param name="head">Bytes in front.</param>
    /// <param name="parts">The rest, at most <see cref="MaxParts"/>. Not changed.</param>
    public static Errno Write(FileDescriptor descriptor, ReadOnlySpan<byte> head, ReadOnlySpan<IoVector> parts) =>
        Transfer(descriptor, Direction.Write, head, parts, default, out _);

    /// <summary>Sends over a connected stream (sendmsg), without the signal that a closed connection raises.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="head">Bytes in front.</param>
    /// <param name="parts">The rest, at most <see cref="MaxParts"/>. Not changed.</param>
    /// <param name="count">Bytes taken, those of <paramref name="head"/> included: perhaps not all; 0 on error.</param>
    public static Errno Send(UnixSocket socket, ReadOnlySpan<byte> head, ReadOnlySpan<IoVector> parts, out int count) =>
        Transfer(socket, Direction.Send, head, parts, default, out count);

    /// <summary>Reads a packet at once (preadv2).</summary>
    /// <param name="descriptor">A descriptor that keeps packets apart, such as a tap.</param>
    /// <param name="head">Filled first.</param>
    /// <param name="parts">Filled next, at most <see cref="MaxParts"/>.</param>
    /// <param name="rest">Filled last.</param>
    /// <param name="count">Bytes read in all; 0 on error.</param>
    public static Errno Read(
        FileDescriptor descriptor, Span<byte> head, ReadOnlySpan<IoVector> parts, Span<byte> rest, out int count) =>
        Transfer(descriptor, Direction.Read, head, parts, rest, out count);

    private static Errno Transfer(
        FileDescriptor descriptor,
        Direction direction,
        ReadOnlySpan<byte> head,
        ReadOnlySpan<IoVector> parts,
        ReadOnlySpan<byte> rest,
        out int count)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts.Length, MaxParts);
        return parts.Length <= UsualParts
            ? TransferFew(descriptor, direction, head, parts, rest, out count)
            : TransferMany(descriptor, direction, head, parts, rest, out count);
    }

    [SkipLocalsInit]
    private static Errno TransferFew(
        FileDescriptor descriptor, Direction direction, ReadOnlySpan<byte> head, ReadOnlySpan<IoVector> parts, ReadOnlySpan<byte> rest, out int count) =>
        Call(descriptor, direction, stackalloc IoVector[UsualParts + 2], head, parts, rest, out count);

    [SkipLocalsInit]
    private static Errno TransferMany(
        FileDescriptor descriptor, Direction direction, ReadOnlySpan<byte> head, ReadOnlySpan<IoVector> parts, ReadOnlySpan<byte> rest, out int count) =>
        Call(descriptor, direction, stackalloc IoVector[MaxParts + 2], head, parts, rest, out count);

    // SAFETY: head and rest are pinned for the length of the call and the kernel is told their true lengths; they are
    // written only by Read, whose caller gave writable spans. Whoever made the parts vouches for them.
    private static unsafe Errno Call(
        FileDescriptor descriptor,
        Direction direction,
        Span<IoVector> vectors,
        ReadOnlySpan<byte> head,
        ReadOnlySpan<IoVector> parts,
        ReadOnlySpan<byte> rest,
        out int count)
    {
        fixed (byte* first = head, last = rest)
        fixed (IoVector* all = vectors)
        {
            all[0] = new IoVector((nint)first, head.Length);
            parts.CopyTo(vectors[1..]);
            int used = parts.Length + 1;
            if (!rest.IsEmpty)
            {
                all[used++] = new IoVector((nint)last, rest.Length);
            }

            var message = new msghdr { msg_iov = (nint)all, msg_iovlen = (nuint)used };
            nint result;
            do
            {
                result = direction switch
                {
                    Direction.Read => LibC.preadv2(descriptor, (nint)all, used, NoOffset, 0),
                    Direction.Write => LibC.pwritev2(descriptor, (nint)all, used, NoOffset, 0),
                    _ => LibC.sendmsg(descriptor, in message, LibC.MSG_NOSIGNAL),
                };
            }
            while (result < 0 && LinuxException.LastErrno == Errno.Interrupted);
            count = result < 0 ? 0 : (int)result;
            return result < 0 ? LinuxException.LastErrno : Errno.None;
        }
    }

    private enum Direction
    {
        Read,
        Write,
        Send,
    }
}
