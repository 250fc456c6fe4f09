using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Net;

public sealed partial class UnixSocket
{
    /// <summary>The most descriptors that one message carries here.</summary>
    public const int MaxDescriptors = 8;

    private static int ControlHeader => Unsafe.SizeOf<cmsghdr>();

    /// <summary>Sends bytes with descriptors beside the first of them: the receiver gets descriptors of its own for the
    /// same open files (sendmsg, SCM_RIGHTS).</summary>
    /// <param name="data">What to send; not empty.</param>
    /// <param name="descriptors">At most <see cref="MaxDescriptors"/>; may be empty. Still the caller's.</param>
    /// <param name="count">Bytes taken, which may be fewer than given; the descriptors went with the first. 0 on error.</param>
    /// <returns><see cref="Errno.Again"/> when the connection is full, <see cref="Errno.BrokenPipe"/> when it is over.</returns>
    public Errno Send(ReadOnlySpan<byte> data, ReadOnlySpan<FileDescriptor> descriptors, out int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaxDescriptors);
        if (descriptors.IsEmpty)
        {
            return Send(data, out count);
        }

        int controlLength = ControlHeader + (sizeof(int) * descriptors.Length);
        Span<byte> control = stackalloc byte[ControlHeader + (sizeof(int) * MaxDescriptors)];
        control.Clear();
        MemoryMarshal.Write(control, new cmsghdr
        {
            cmsg_len = (nuint)controlLength,
            cmsg_level = LibC.SOL_SOCKET,
            cmsg_type = LibC.SCM_RIGHTS,
        });
        for (int i = 0; i < descriptors.Length; i++)
        {
            MemoryMarshal.Write(control[(ControlHeader + (sizeof(int) * i))..], descriptors[i].Number);
        }

        // Data in a control buffer are padded to the size of a word (CMSG_SPACE).
        int space = (controlLength + nint.Size - 1) & ~(nint.Size - 1);
        return Transfer(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(data), data.Length), control[..space], send: true, out count, out _);
    }

    /// <summary>Receives bytes, and the descriptors sent beside them (recvmsg). They are close-on-exec.</summary>
    /// <param name="buffer">Filled from the start.</param>
    /// <param name="descriptors">Receives descriptors that are the caller's to close; not more than its length and
    /// <see cref="MaxDescriptors"/> are taken, others are closed.</param>
    /// <param name="count">Bytes received: 0 at the end, and on error.</param>
    /// <param name="received">Descriptors received.</param>
    public Errno Receive(Span<byte> buffer, Span<FileDescriptor?> descriptors, out int count, out int received)
    {
        received = 0;
        Span<byte> control = stackalloc byte[ControlHeader + (sizeof(int) * MaxDescriptors)];
        control.Clear();
        Errno errno = Transfer(buffer, control, send: false, out count, out int controlLength);
        if (errno != Errno.None || controlLength < ControlHeader)
        {
            return errno;
        }

        cmsghdr header = MemoryMarshal.Read<cmsghdr>(control);
        if (header.cmsg_level != LibC.SOL_SOCKET || header.cmsg_type != LibC.SCM_RIGHTS)
        {
            return errno;
        }

        int numbers = ((int)header.cmsg_len - ControlHeader) / sizeof(int);
        for (int i = 0; i < numbers; i++)
        {
            var descriptor = new FileDescriptor(MemoryMarshal.Read<int>(control[(ControlHeader + (sizeof(int) * i))..]));
            if (received < descriptors.Length)
            {
                descriptors[received++] = descriptor;
            }
            else
            {
                descriptor.Dispose();
            }
        }

        return errno;
    }

    /// <summary>Ends directions of the connection for both processes, leaving the descriptor open (shutdown).</summary>
    /// <param name="reading">Nothing more is received: what the peer still writes fails at its end.</param>
    /// <param name="writing">Nothing more is sent: the peer reads to the end of what was.</param>
    public void Shutdown(bool reading, bool writing)
    {
        if (reading || writing)
        {
            // ENOTCONN: the peer has ended both already.
            _ = LibC.shutdown(this, reading && writing ? LibC.SHUT_RDWR : reading ? LibC.SHUT_RD : LibC.SHUT_WR);
        }
    }

    // SAFETY: both buffers are pinned for the length of the call, and the kernel is told their true lengths; for a send
    // it only reads them.
    private unsafe Errno Transfer(Span<byte> data, Span<byte> control, bool send, out int count, out int controlLength)
    {
        fixed (byte* bytes = data)
        fixed (byte* beside = control)
        {
            var vector = new iovec { iov_base = (nint)bytes, iov_len = (nuint)data.Length };
            var message = new msghdr
            {
                msg_iov = (nint)(&vector),
                msg_iovlen = 1,
                msg_control = (nint)beside,
                msg_controllen = (nuint)control.Length,
            };
            nint result;
            do
            {
                result = send
                    ? LibC.sendmsg(this, in message, LibC.MSG_NOSIGNAL)
                    : LibC.recvmsg(this, ref message, LibC.MSG_CMSG_CLOEXEC);
            }
            while (result < 0 && LinuxException.LastErrno == Errno.Interrupted);
            count = result < 0 ? 0 : (int)result;
            controlLength = result < 0 ? 0 : (int)message.msg_controllen;
            return result < 0 ? LinuxException.LastErrno : Errno.None;
        }
    }
}
