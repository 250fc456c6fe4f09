using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Handles;

/// <summary>A memfd_create(2) file: memory that has a descriptor, so that other processes can map it too.</summary>
public sealed class MemFd : FileDescriptor
{
    private MemFd(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Creates zeroed memory of a fixed size that takes no host memory until touched.</summary>
    /// <param name="name">Shown in <c>/proc/PID/maps</c>; need not be unique.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="sealSize">Seals the size, so that no holder of the descriptor can shrink the file under a mapping
    /// (which would turn every access into SIGBUS) or let it grow.</param>
    /// <exception cref="LinuxException">No descriptor left, or the size is refused.</exception>
    public static MemFd Create(string name, ulong length, bool sealSize = true)
    {
        int descriptor = LibC.memfd_create(name, LibC.MFD_CLOEXEC | LibC.MFD_ALLOW_SEALING);
        if (descriptor < 0)
        {
            throw LinuxException.Last("memfd_create", name);
        }

        var created = new MemFd(descriptor);
        try
        {
            created.SetLength(checked((long)length));
            if (sealSize)
            {
                created.SealSize();
            }
        }
        catch
        {
            created.Dispose();
            throw;
        }

        return created;
    }

    private void SealSize()
    {
        if (LibC.fcntl(this, LibC.F_ADD_SEALS, LibC.F_SEAL_SHRINK | LibC.F_SEAL_GROW | LibC.F_SEAL_SEAL) < 0)
        {
            throw LinuxException.Last("fcntl(F_ADD_SEALS)");
        }
    }
}
