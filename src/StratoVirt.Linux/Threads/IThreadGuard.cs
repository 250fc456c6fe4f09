namespace StratoVirt.Linux.Threads;

/// <summary>Is told by every thread of the engine what it is for, on that thread, before it does anything for a guest. A
/// process that is one machine's alone takes away then what such a thread never needs; in a process with other threads,
/// as an interactive shell is, there is no guard.</summary>
public interface IThreadGuard
{
    /// <summary>Called once by a new thread.</summary>
    /// <param name="role">What the thread is for.</param>
    /// <remarks>A guard that cannot do its duty ends the process: the thread must not go on, and nobody waits for it.</remarks>
    void Enter(ThreadRole role);
}
