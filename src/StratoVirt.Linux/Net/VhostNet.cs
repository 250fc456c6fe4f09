using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Net;

/// <summary>
/// One pair of virtqueues that the host's kernel serves itself (vhost_net; linux/vhost.h): queue 0 receives, queue 1
/// sends. It works in the memory of the process that becomes its owner, whoever opened it. Close-on-exec.
/// </summary>
public sealed class VhostNet : FileDescriptor
{
    /// <summary>The device that gives them.</summary>
    public const string Path = "/dev/vhost-net";

    /// <summary>Regions of guest memory the kernel takes, unless told otherwise (vhost's max_mem_regions).</summary>
    public const int MaxRegions = 64;

    private const int Queues = 2;

    private VhostNet(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Opens a new one.</summary>
    /// <exception cref="LinuxException">No such device (ENOENT, ENODEV); not permitted (EACCES).</exception>
    public static VhostNet Open()
    {
        int number = LibC.open(Path, (int)(OpenFlags.ReadWrite | OpenFlags.CloseOnExec), 0);
        return number < 0 ? throw LinuxException.Last("open", Path) : new VhostNet(number);
    }

    /// <summary>Takes over one that another process has opened and does not own.</summary>
    /// <param name="number">The descriptor's number; this object closes it.</param>
    /// <exception cref="LinuxException">It is none (ENOTTY, EBADF). It stays open.</exception>
    public static VhostNet Adopt(int number)
    {
        var adopted = new VhostNet(number);
        try
        {
            _ = adopted.GetFeatures();
            return adopted;
        }
        catch
        {
            adopted.SetHandleAsInvalid();
            throw;
        }
    }

    /// <summary>The virtio features it can serve (VHOST_GET_FEATURES).</summary>
    /// <exception cref="LinuxException">It is no such device.</exception>
    public ulong GetFeatures()
    {
        Check(LibC.ioctl(this, LibC.VHOST_GET_FEATURES, out ulong features), "VHOST_GET_FEATURES");
        return features;
    }

    /// <summary>Has it work in this process's memory (VHOST_SET_OWNER).</summary>
    /// <exception cref="LinuxException">It has an owner (EBUSY).</exception>
    public void SetOwner() => Check(LibC.ioctl(this, LibC.VHOST_SET_OWNER, (nint)0), "VHOST_SET_OWNER");

    /// <summary>Tells what was negotiated with the driver (VHOST_SET_FEATURES).</summary>
    /// <exception cref="LinuxException">One is not among <see cref="GetFeatures"/> (EOPNOTSUPP).</exception>
    public void SetFeatures(ulong features)
    {
        Span<byte> argument = MemoryMarshal.AsBytes(new Span<ulong>(ref features));
        Check(LibC.ioctl(this, LibC.VHOST_SET_FEATURES, ref MemoryMarshal.GetReference(argument)), "VHOST_SET_FEATURES");
    }

    /// <summary>Tells where guest memory is (VHOST_SET_MEM_TABLE).</summary>
    /// <exception cref="LinuxException">There are too many regions (E2BIG).</exception>
    public void SetMemory(ReadOnlySpan<VhostRegion> regions)
    {
        Span<byte> table = new byte[Unsafe.SizeOf<vhost_memory>() + (regions.Length * Unsafe.SizeOf<vhost_memory_region>())];
        MemoryMarshal.Write(table, new vhost_memory { nregions = (uint)regions.Length });
        Span<vhost_memory_region> rows = MemoryMarshal.Cast<byte, vhost_memory_region>(table[Unsafe.SizeOf<vhost_memory>()..]);
        for (int i = 0; i < regions.Length; i++)
        {
            rows[i] = new vhost_memory_region
            {
                guest_phys_addr = regions[i].GuestAddress,
                memory_size = regions[i].Length,
                userspace_addr = (ulong)regions[i].HostAddress,
            };
        }

        Check(LibC.ioctl(this, LibC.VHOST_SET_MEM_TABLE, ref MemoryMarshal.GetReference(table)), "VHOST_SET_MEM_TABLE");
    }

    /// <summary>Describes a queue that has no tap.</summary>
    /// <param name="queue">0 or 1.</param>
    /// <param name="ring">The queue.</param>
    /// <exception cref="LinuxException">Its rings are not in this process's memory (EFAULT), or it has a tap (EBUSY).</exception>
    public void SetRing(int queue, in VhostRing ring)
    {
        SetNumber(LibC.VHOST_SET_VRING_NUM, queue, ring.Size, "VHOST_SET_VRING_NUM");
        SetNumber(LibC.VHOST_SET_VRING_BASE, queue, ring.Base, "VHOST_SET_VRING_BASE");
        var places = new vhost_vring_addr
        {
            index = (uint)queue,
            desc_user_addr = (ulong)ring.Descriptors,
            used_user_addr = (ulong)ring.Used,
            avail_user_addr = (ulong)ring.Available,
        };
        Check(LibC.ioctl(this, LibC.VHOST_SET_VRING_ADDR, in places), "VHOST_SET_VRING_ADDR");
        SetFile(LibC.VHOST_SET_VRING_KICK, queue, ring.Kick, "VHOST_SET_VRING_KICK");
        SetFile(LibC.VHOST_SET_VRING_CALL, queue, ring.Call, "VHOST_SET_VRING_CALL");
        SetFile(LibC.VHOST_SET_VRING_ERR, queue, ring.Broken, "VHOST_SET_VRING_ERR");
    }

    /// <summary>Has both queues served with a tap's frames from now on (VHOST_NET_SET_BACKEND).</summary>
    /// <exception cref="LinuxException">A queue is not described well (EFAULT), or that is no tap.</exception>
    public void Attach(TapDevice tap)
    {
        for (int queue = 0; queue < Queues; queue++)
        {
            SetFile(LibC.VHOST_NET_SET_BACKEND, queue, tap, "VHOST_NET_SET_BACKEND");
        }
    }

    /// <summary>Takes both queues back: when this returns the kernel touches no guest memory for them.</summary>
    /// <exception cref="LinuxException">The device has no owner.</exception>
    public void Detach()
    {
        for (int queue = 0; queue < Queues; queue++)
        {
            SetFile(LibC.VHOST_NET_SET_BACKEND, queue, null, "VHOST_NET_SET_BACKEND");
        }
    }

    /// <summary>The available index that would be looked at next in a queue that has been taken back
    /// (VHOST_GET_VRING_BASE).</summary>
    /// <exception cref="LinuxException">The device has no owner.</exception>
    public ushort GetBase(int queue)
    {
        var state = new vhost_vring_state { index = (uint)queue };
        Check(LibC.ioctl(this, LibC.VHOST_GET_VRING_BASE, ref state), "VHOST_GET_VRING_BASE");
        return (ushort)state.num;
    }

    private void SetNumber(uint request, int queue, uint number, string name)
    {
        var state = new vhost_vring_state { index = (uint)queue, num = number };
        Check(LibC.ioctl(this, request, ref state), name);
    }

    private void SetFile(uint request, int queue, FileDescriptor? file, string name)
    {
        var which = new vhost_vring_file { index = (uint)queue, fd = file?.Number ?? -1 };
        Check(LibC.ioctl(this, request, in which), name);
        GC.KeepAlive(file);
    }

    private static void Check(int result, string name)
    {
        if (result < 0)
        {
            throw LinuxException.Last(name);
        }
    }
}
