using System.Text;
using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Net;

/// <summary>A network interface of the host, found by its name in the network namespace of this process.</summary>
public static class HostInterface
{
    /// <summary>Bytes of payload a frame of it can carry.</summary>
    /// <exception cref="LinuxException">No such interface (ENODEV).</exception>
    public static int GetMtu(string name)
    {
        ifreq request = RequestFor(name);
        Ask(LibC.SIOCGIFMTU, "SIOCGIFMTU", name, ref request);
        return request.ifr_mtu;
    }

    /// <summary>The same; null when this network namespace has no such interface, as with a tap that was opened in another.</summary>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public static int? FindMtu(string name)
    {
        try
        {
            return GetMtu(name);
        }
        catch (LinuxException missing) when (missing.Errno == Errno.NoDevice)
        {
            return null;
        }
    }

    /// <summary>Changes the payload of its frames.</summary>
    /// <exception cref="LinuxException">No such interface (ENODEV), not permitted (EPERM), no size for it (EINVAL).</exception>
    public static void SetMtu(string name, int mtu)
    {
        ifreq request = RequestFor(name);
        request.ifr_mtu = mtu;
        Ask(LibC.SIOCSIFMTU, "SIOCSIFMTU", name, ref request);
    }

    /// <summary>Whether it is up.</summary>
    /// <exception cref="LinuxException">No such interface (ENODEV).</exception>
    public static bool IsUp(string name)
    {
        ifreq request = RequestFor(name);
        Ask(LibC.SIOCGIFFLAGS, "SIOCGIFFLAGS", name, ref request);
        return (request.ifr_flags & LibC.IFF_UP) != 0;
    }

    /// <summary>Takes it up or down.</summary>
    /// <exception cref="LinuxException">No such interface (ENODEV), not permitted (EPERM).</exception>
    public static void SetUp(string name, bool up)
    {
        ifreq request = RequestFor(name);
        Ask(LibC.SIOCGIFFLAGS, "SIOCGIFFLAGS", name, ref request);
        request.ifr_flags = (ushort)(up ? request.ifr_flags | LibC.IFF_UP : request.ifr_flags & ~LibC.IFF_UP);
        Ask(LibC.SIOCSIFFLAGS, "SIOCSIFFLAGS", name, ref request);
    }

    internal static ifreq RequestFor(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Encoding.UTF8.GetByteCount(name) > TapDevice.MaxNameLength || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new LinuxException("ioctl", Errno.InvalidArgument, name);
        }

        ifreq request = default;
        Encoding.UTF8.GetBytes(name, request.ifr_name);
        return request;
    }

    internal static string NameIn(in ifreq request)
    {
        ReadOnlySpan<byte> name = request.ifr_name;
        int end = name.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
    }

    private static void Ask(uint request, string operation, string name, ref ifreq argument)
    {
        int number = LibC.socket(LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
        if (number < 0)
        {
            throw LinuxException.Last("socket");
        }

        using var socket = new FileDescriptor(number);
        if (LibC.ioctl(socket, request, ref argument) < 0)
        {
            throw LinuxException.Last(operation, name);
        }
    }
}
