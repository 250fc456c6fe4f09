using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Net;

/// <summary>One queue of a tap interface: what is written to it the host receives, what the host sends can be read. Every
/// frame has a virtio_net_hdr in front. Never blocks. Close-on-exec.</summary>
public sealed class TapDevice : FileDescriptor
{
    /// <summary>The longest name an interface can have, in bytes.</summary>
    public const int MaxNameLength = LibC.IFNAMSIZ - 1;

    private const string ControlPath = "/dev/net/tun";

    private TapDevice(int descriptor, bool ownsHandle)
        : base(descriptor, ownsHandle)
    {
    }

    /// <summary>The interface's name.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>Whether the interface still exists. A queue is woken when its interface is deleted, but a moment before
    /// reading and writing, and this, say so.</summary>
    public bool IsThere
    {
        get
        {
            ifreq request = default;
            return LibC.ioctl(this, LibC.TUNGETIFF, ref request) == 0;
        }
    }

    /// <summary>Makes a tap interface, or adds a queue to one that is there (TUNSETIFF). It goes away with its last
    /// queue unless it is persistent.</summary>
    /// <param name="name">Its name; empty, or with <c>%d</c>, to have the kernel find a free one.</param>
    /// <param name="multiQueue">Whether it has, or will have, several queues.</param>
    /// <exception cref="LinuxException">No /dev/net/tun; not permitted (EPERM); in use by somebody else (EBUSY); there
    /// with another number of queues, or no tap (EINVAL).</exception>
    public static TapDevice Open(string name, bool multiQueue)
    {
        ArgumentNullException.ThrowIfNull(name);
        int number = LibC.open(ControlPath, (int)(OpenFlags.ReadWrite | OpenFlags.NonBlocking | OpenFlags.CloseOnExec), 0);
        if (number < 0)
        {
            throw LinuxException.Last("open", ControlPath);
        }

        var tap = new TapDevice(number, ownsHandle: true);
        try
        {
            ifreq request = HostInterface.RequestFor(name);
            request.ifr_flags = (ushort)(LibC.IFF_TAP | LibC.IFF_NO_PI | LibC.IFF_VNET_HDR | (multiQueue ? LibC.IFF_MULTI_QUEUE : 0));
            if (LibC.ioctl(tap, LibC.TUNSETIFF, ref request) < 0)
            {
                throw LinuxException.Last("TUNSETIFF", name);
            }

            tap.Name = HostInterface.NameIn(in request);
            return tap;
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a queue that another program has opened. It becomes non-blocking, for that program too.</summary>
    /// <param name="number">The descriptor's number; this object closes it.</param>
    /// <exception cref="LinuxException">It is no tap (EBADFD, ENOTTY, EBADF), or one without virtio_net_hdr (EINVAL).
    /// It stays open.</exception>
    public static TapDevice Adopt(int number)
    {
        var tap = new TapDevice(number, ownsHandle: true);
        try
        {
            ifreq request = default;
            if (LibC.ioctl(tap, LibC.TUNGETIFF, ref request) < 0)
            {
                throw LinuxException.Last("TUNGETIFF", $"descriptor {number}");
            }

            int wanted = LibC.IFF_TAP | LibC.IFF_NO_PI | LibC.IFF_VNET_HDR;
            if ((request.ifr_flags & wanted) != wanted)
            {
                throw new LinuxException("TUNGETIFF", Errno.InvalidArgument, $"descriptor {number}");
            }

            int flags = LibC.fcntl(tap, LibC.F_GETFL, 0);
            if (LibC.fcntl(tap, LibC.F_SETFL, flags | (int)OpenFlags.NonBlocking) < 0 || LibC.fcntl(tap, LibC.F_SETFD, LibC.FD_CLOEXEC) < 0)
            {
                throw LinuxException.Last("fcntl", $"descriptor {number}");
            }

            tap.Name = HostInterface.NameIn(in request);
            return tap;
        }
        catch
        {
            tap.SetHandleAsInvalid();
            throw;
        }
    }

    /// <summary>Bytes of virtio_net_hdr in front of every frame (TUNSETVNETHDRSZ).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetHeaderLength(int length)
    {
        if (LibC.ioctl(this, LibC.TUNSETVNETHDRSZ, in length) < 0)
        {
            throw LinuxException.Last("TUNSETVNETHDRSZ", Name);
        }
    }

    /// <summary>What frames read from the interface may leave to the reader, from now on (TUNSETOFFLOAD).</summary>
    /// <returns><see cref="Errno.InvalidArgument"/> when the kernel does not know one of them.</returns>
    public Errno SetOffloads(TapOffloads offloads) =>
        LibC.ioctl(this, LibC.TUNSETOFFLOAD, (nint)offloads) < 0 ? LinuxException.LastErrno : Errno.None;

    /// <summary>Takes this queue into use or out of it (TUNSETQUEUE), for an interface with several. Out of use, it gets
    /// no frames of the host's.</summary>
    /// <returns><see cref="Errno.InvalidArgument"/> when it is so already.</returns>
    public Errno SetInUse(bool inUse)
    {
        ifreq request = default;
        request.ifr_flags = inUse ? LibC.IFF_ATTACH_QUEUE : LibC.IFF_DETACH_QUEUE;
        return LibC.ioctl(this, LibC.TUNSETQUEUE, ref request) < 0 ? LinuxException.LastErrno : Errno.None;
    }

    /// <summary>Whether the interface outlives its last queue (TUNSETPERSIST).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetPersistent(bool persistent)
    {
        if (LibC.ioctl(this, LibC.TUNSETPERSIST, (nint)(persistent ? 1 : 0)) < 0)
        {
            throw LinuxException.Last("TUNSETPERSIST", Name);
        }
    }
}
