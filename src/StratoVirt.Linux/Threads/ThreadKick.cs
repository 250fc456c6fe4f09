using StratoVirt.Linux.Abi;

namespace StratoVirt.Linux.Threads;

/// <summary>
/// Gets a thread out of one blocking system call that takes a signal mask of its own (KVM_RUN, ppoll) without any
/// signal handler. The signal stays blocked in the thread except inside that call, which therefore returns EINTR; the
/// thread then takes the signal off its queue. No code ever runs in signal context.
/// </summary>
/// <remarks>
/// The signal is SIGSTKFLT (16). Nothing generates it: no kernel, C library or .NET runtime (which uses SIGRTMIN, 34,
/// to interrupt threads for garbage collection; glibc has 32 and 33). It is a standard signal rather than a real-time
/// one because those are queued one by one against RLIMIT_SIGPENDING, a limit shared with the user's other processes:
/// once it is reached tgkill fails with EAGAIN, and a vCPU that spins in guest code could no longer be stopped.
/// A standard signal is one bit: sending it cannot fail so, and a thousand of them are eaten at once.
/// </remarks>
public static class ThreadKick
{
    /// <summary>The signal's number.</summary>
    public const int Signal = LibC.SIGSTKFLT;

    private const ulong SignalBit = 1UL << (Signal - 1);

    /// <summary>Blocks the signal in the calling thread, for good. To be called by a thread before others kick it.</summary>
    /// <returns>The mask to give to the blocking call: the thread's own, with this signal unblocked. Bit
    /// <c>n - 1</c> stands for signal <c>n</c>.</returns>
    public static ulong PrepareCurrentThread()
    {
        var set = new sigset_t { KernelPart = SignalBit };
        int error = LibC.pthread_sigmask(LibC.SIG_BLOCK, in set, out sigset_t old);
        return error != 0 ? throw new LinuxException("pthread_sigmask", (Errno)error) : old.KernelPart & ~SignalBit;
    }

    /// <summary>Kicks a thread that has called <see cref="PrepareCurrentThread"/>. To any other thread the signal is
    /// deadly, and to the whole process: the caller guarantees that the thread is prepared and has not ended.</summary>
    /// <param name="threadId">Its <see cref="NativeThread.CurrentId"/>.</param>
    public static Errno Send(int threadId) => NativeThread.Signal(threadId, Signal);

    /// <summary>Takes a kick off the calling thread's queue, without waiting. Allocates nothing.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool TryConsume()
    {
        var set = new sigset_t { KernelPart = SignalBit };
        var now = default(timespec);
        int taken;
        do
        {
            taken = LibC.sigtimedwait(in set, 0, in now);
        }
        while (taken < 0 && LinuxException.LastErrno == Errno.Interrupted);
        return taken == Signal;
    }
}
