using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Handles;

/// <summary>An epoll(7) instance: waits for many descriptors at once. Thread-safe, as the kernel's object is.</summary>
public sealed class Epoll : FileDescriptor
{
    /// <summary>Most events one <see cref="Wait"/> takes from the kernel; more simply come with the next.</summary>
    public const int MaxEventsPerWait = 64;

    // The larger of the two layouts, so that one buffer on the stack serves both.
    private const int BytesPerEvent = 16;

    private Epoll(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Creates an instance that watches nothing.</summary>
    /// <exception cref="LinuxException">The process has no descriptor left.</exception>
    public static Epoll Create()
    {
        int descriptor = LibC.epoll_create1(LibC.EPOLL_CLOEXEC);
        return descriptor < 0 ? throw LinuxException.Last("epoll_create1") : new Epoll(descriptor);
    }

    /// <summary>Starts watching a descriptor.</summary>
    /// <param name="descriptor">What to watch. Regular files cannot be watched.</param>
    /// <param name="interest">What for, and how.</param>
    /// <param name="token">The number <see cref="Wait"/> returns for it.</param>
    /// <exception cref="LinuxException">Watched already, or cannot be watched.</exception>
    public void Add(FileDescriptor descriptor, EpollEvents interest, ulong token) =>
        Control(LibC.EPOLL_CTL_ADD, descriptor, interest, token);

    /// <summary>Changes what a descriptor is watched for, and its token.</summary>
    /// <exception cref="LinuxException">Not watched.</exception>
    public void Modify(FileDescriptor descriptor, EpollEvents interest, ulong token) =>
        Control(LibC.EPOLL_CTL_MOD, descriptor, interest, token);

    /// <summary>Stops watching a descriptor. Events already taken by a waiter may still be seen by it.</summary>
    /// <exception cref="LinuxException">Not watched.</exception>
    public void Remove(FileDescriptor descriptor) =>
        Control(LibC.EPOLL_CTL_DEL, descriptor, EpollEvents.None, 0);

    /// <summary>Waits until something is ready. A signal is no reason to return. Allocates nothing.</summary>
    /// <param name="ready">Filled from the start; at most <see cref="MaxEventsPerWait"/> entries are used.</param>
    /// <param name="timeoutMs">Milliseconds; 0 asks without waiting, -1 waits for ever. The wait starts anew after a
    /// signal.</param>
    /// <returns>Entries filled; 0 when the time is over.</returns>
    /// <exception cref="LinuxException">The instance itself is unusable.</exception>
    [SkipLocalsInit]
    public int Wait(Span<EpollEvent> ready, int timeoutMs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(ready.Length);
        int capacity = Math.Min(ready.Length, MaxEventsPerWait);
        Span<byte> raw = stackalloc byte[MaxEventsPerWait * BytesPerEvent];
        int count;
        while ((count = LibC.epoll_wait(this, ref raw[0], capacity, timeoutMs)) < 0)
        {
            if (LinuxException.LastErrno != Errno.Interrupted)
            {
                throw LinuxException.Last("epoll_wait");
            }
        }

        Decode(raw, ready[..count]);
        return count;
    }

    private static void Decode(ReadOnlySpan<byte> raw, Span<EpollEvent> ready)
    {
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            var events = MemoryMarshal.Cast<byte, Abi.X64.epoll_event>(raw);
            for (int i = 0; i < ready.Length; i++)
            {
                ready[i] = new EpollEvent((EpollEvents)events[i].events, events[i].data);
            }
        }
        else
        {
            var events = MemoryMarshal.Cast<byte, Abi.Arm64.epoll_event>(raw);
            for (int i = 0; i < ready.Length; i++)
            {
                ready[i] = new EpollEvent((EpollEvents)events[i].events, events[i].data);
            }
        }
    }

    private void Control(int operation, FileDescriptor descriptor, EpollEvents interest, ulong token)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Span<byte> raw = stackalloc byte[BytesPerEvent];
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            MemoryMarshal.Write(raw, new Abi.X64.epoll_event { events = (uint)interest, data = token });
        }
        else
        {
            MemoryMarshal.Write(raw, new Abi.Arm64.epoll_event { events = (uint)interest, data = token });
        }

        if (LibC.epoll_ctl(this, operation, descriptor, ref raw[0]) < 0)
        {
            throw LinuxException.Last("epoll_ctl");
        }
    }
}
