using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Threads;

/// <summary>
/// Takes the signals that ask a process to end (SIGTERM, SIGINT) without any handler and without a thread for them: they
/// stay blocked in every thread, and one thread waits for them when it has nothing else to do. For a process's own main
/// thread; a session's signals belong to its shell.
/// </summary>
public static class ProcessSignals
{
    private const ulong Requests = (1UL << (LibC.SIGTERM - 1)) | (1UL << (LibC.SIGINT - 1));
    private const ulong Wake = 1UL << (ThreadKick.Signal - 1);

    /// <summary>Blocks them, and the wake-up, in the calling thread and the threads it makes. A thread that was there
    /// before must be told too: the kernel gives a signal to any thread that does not block it.</summary>
    /// <exception cref="LinuxException">The C library refused.</exception>
    public static void Block()
    {
        var set = new sigset_t { KernelPart = Requests | Wake };
        int error = LibC.pthread_sigmask(LibC.SIG_BLOCK, in set, out _);
        if (error != 0)
        {
            throw new LinuxException("pthread_sigmask", (Errno)error);
        }
    }

    /// <summary>Waits until the process is asked to end or the thread is woken.</summary>
    /// <param name="timeout">At most so long.</param>
    /// <returns>Whether it was asked to end. False when woken by <see cref="ThreadKick.Send"/>, or when the time is over.</returns>
    public static bool AwaitRequest(TimeSpan timeout)
    {
        var set = new sigset_t { KernelPart = Requests | Wake };
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            long left = Math.Max(0, deadline - Environment.TickCount64);
            var time = new timespec { tv_sec = left / 1000, tv_nsec = left % 1000 * 1_000_000 };
            int taken = LibC.sigtimedwait(in set, 0, in time);
            if (taken >= 0 || LinuxException.LastErrno != Errno.Interrupted)
            {
                return taken >= 0 && taken != ThreadKick.Signal;
            }
        }
    }
}
