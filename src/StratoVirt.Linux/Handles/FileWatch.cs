using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Handles;

/// <summary>An inotify(7) watch of one file: readable when somebody has written to the file or cut it. Writes to a
/// mapping of it are not noticed.</summary>
public sealed class FileWatch : FileDescriptor
{
    private FileWatch(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Watches the file that has a name now, whatever becomes of the name.</summary>
    /// <exception cref="LinuxException">There is no such file, this user may not read it, or has as many watches as he may
    /// have (fs.inotify).</exception>
    public static FileWatch Of(string path)
    {
        int descriptor = LibC.inotify_init1(LibC.IN_CLOEXEC | LibC.IN_NONBLOCK);
        if (descriptor < 0)
        {
            throw LinuxException.Last("inotify_init1");
        }

        var watch = new FileWatch(descriptor);
        if (LibC.inotify_add_watch(watch, path, LibC.IN_MODIFY) >= 0)
        {
            return watch;
        }

        LinuxException refused = LinuxException.Last("inotify_add_watch", path);
        watch.Dispose();
        throw refused;
    }

    /// <summary>Forgets what was noticed.</summary>
    public void Drain()
    {
        // struct inotify_event without a name, as events of a watched file are; identical ones in a row are one.
        Span<byte> events = stackalloc byte[256];
        while (Read(events, out int count) == Errno.None && count != 0)
        {
        }
    }
}
