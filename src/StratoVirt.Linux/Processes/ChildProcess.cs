using StratoVirt.Linux.Abi;
using StratoVirt.Linux.Handles;

namespace StratoVirt.Linux.Processes;

/// <summary>
/// A program that is handed open descriptors, which <see cref="System.Diagnostics.Process"/> cannot do. It gets a
/// process group or a session of its own, so that the terminal's Ctrl-C does not reach it, no blocked signals, and
/// nothing else of this process but what that has itself inherited (<see cref="InheritedDescriptors"/>).
/// </summary>
public sealed class ChildProcess : IDisposable
{
    /// <summary>The first given descriptor's number in the child.</summary>
    public const int GivenDescriptor = 3;

    /// <summary>The shell's way to say that a signal, this much less, has ended a program.</summary>
    public const int SignalledExit = 128;

    // Where given descriptors wait for the spawn: out of the way of the numbers they are to get.
    private const int WaitingDescriptor = 64;

    // glibc asks for 80 and 336 bytes, musl for less.
    private const int ActionsBytes = 256;
    private const int AttributesBytes = 512;
    private const ulong EverySignal = ulong.MaxValue;

    // The same number on all architectures, as all calls since Linux 5.
    private const int PidFdOpen = 434;

    private readonly Lock _gate = new();
    private int? _exitCode;

    private ChildProcess(int id) => Id = id;

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Its exit code, 128 and the signal's number when a signal has ended it; null while it runs.</summary>
    public int? ExitCode
    {
        get
        {
            lock (_gate)
            {
                Reap(LibC.WNOHANG);
                return _exitCode;
            }
        }
    }

    /// <summary>Starts a program that is handed one descriptor.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="arguments">What follows its name.</param>
    /// <param name="given">Becomes its <see cref="GivenDescriptor"/>; still the caller's here.</param>
    /// <param name="output">Receives what it prints; still the caller's here. It reads an empty standard input.</param>
    /// <exception cref="LinuxException">No such file, or it cannot be executed.</exception>
    public static ChildProcess Start(string path, IReadOnlyList<string> arguments, FileDescriptor given, FileDescriptor output) =>
        Start(new ChildPlan { Path = path, Arguments = arguments, Given = [given], Output = output });

    /// <summary>Starts a program.</summary>
    /// <exception cref="LinuxException">No such file, or it cannot be executed.</exception>
    public static ChildProcess Start(ChildPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using FileDescriptor nothing = FileDescriptor.Open("/dev/null", OpenFlags.ReadOnly);
        using var words = new NativeStrings([plan.Path, .. plan.Arguments]);
        using var environment = new NativeStrings(plan.Environment ?? OwnEnvironment());
        FileDescriptor[] waiting = new FileDescriptor[plan.Given.Count + 2];
        try
        {
            waiting[0] = nothing.Duplicate(WaitingDescriptor);
            waiting[1] = plan.Output.Duplicate(WaitingDescriptor);
            for (int i = 0; i < plan.Given.Count; i++)
            {
                waiting[i + 2] = plan.Given[i].Duplicate(WaitingDescriptor);
            }

            int error = Spawn(words, environment, waiting, plan.OwnSession, out int id);
            return error != 0 ? throw new LinuxException("posix_spawn", (Errno)error, plan.Path) : new ChildProcess(id);
        }
        finally
        {
            Array.ForEach(waiting, descriptor => descriptor?.Dispose());
        }
    }

    /// <summary>Opens a descriptor of the process, which becomes readable when the process ends; since Linux 5.3
    /// (pidfd_open(2)). Before it has been waited for, that is: before <see cref="ExitCode"/> has a value.</summary>
    /// <returns>Null where the kernel has none.</returns>
    public FileDescriptor? OpenDescriptor()
    {
        var process = new FileDescriptor((int)LibC.syscall(PidFdOpen, Id, 0, 0));
        if (!process.IsInvalid)
        {
            return process;
        }

        process.Dispose();
        return null;
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code, as <see cref="ExitCode"/>; null when the time passes first.</returns>
    public int? WaitForExit(TimeSpan timeout)
    {
        // Waiting by id has no time limit (waitpid); a descriptor of the process has.
        using FileDescriptor? process = OpenDescriptor();
        if (process is not null)
        {
            using Epoll epoll = Epoll.Create();
            epoll.Add(process, EpollEvents.In, 0);
            epoll.Wait(new EpollEvent[1], (int)Math.Min(timeout.TotalMilliseconds, int.MaxValue));
        }

        return ExitCode;
    }

    /// <summary>Ends it and what it has started, if it still runs, without asking.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Reap(LibC.WNOHANG);
            if (_exitCode is null)
            {
                // It has led a group of its own since before its program began.
                _ = LibC.kill(-Id, LibC.SIGKILL);
                Reap(0);
            }
        }
    }

    private static List<string> OwnEnvironment()
    {
        var variables = new List<string>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables.Add($"{variable.Key}={variable.Value}");
        }

        return variables;
    }

    // SAFETY: both objects lie on this stack frame, with more room than any C library asks for, and are used by these
    // calls alone; the strings live until the caller disposes them.
    private static unsafe int Spawn(
        NativeStrings words, NativeStrings environment, FileDescriptor[] descriptors, bool ownSession, out int id)
    {
        byte* actions = stackalloc byte[ActionsBytes];
        byte* attributes = stackalloc byte[AttributesBytes];
        id = 0;
        int error = LibC.posix_spawn_file_actions_init((nint)actions);
        if (error != 0)
        {
            return error;
        }

        error = LibC.posix_spawnattr_init((nint)attributes);
        if (error == 0)
        {
            // A session's leader leads its process group too, and may not be asked to.
            const short Flags = LibC.POSIX_SPAWN_SETSIGDEF | LibC.POSIX_SPAWN_SETSIGMASK;
            error = FirstOf(
                LibC.posix_spawnattr_setflags(
                    (nint)attributes, (short)(Flags | (ownSession ? LibC.POSIX_SPAWN_SETSID : LibC.POSIX_SPAWN_SETPGROUP))),
                LibC.posix_spawnattr_setsigmask((nint)attributes, default),
                LibC.posix_spawnattr_setsigdefault((nint)attributes, new sigset_t { KernelPart = EverySignal }),
                LibC.posix_spawn_file_actions_adddup2((nint)actions, descriptors[0].Number, 0),
                LibC.posix_spawn_file_actions_adddup2((nint)actions, descriptors[1].Number, 1),
                LibC.posix_spawn_file_actions_adddup2((nint)actions, descriptors[1].Number, 2));
            for (int i = 2; i < descriptors.Length && error == 0; i++)
            {
                error = LibC.posix_spawn_file_actions_adddup2((nint)actions, descriptors[i].Number, GivenDescriptor + i - 2);
            }

            error = error != 0
                ? error
                : LibC.posix_spawnp(out id, words.First, (nint)actions, (nint)attributes, words.Pointer, environment.Pointer);
            _ = LibC.posix_spawnattr_destroy((nint)attributes);
        }

        _ = LibC.posix_spawn_file_actions_destroy((nint)actions);
        return error;
    }

    private static int FirstOf(params ReadOnlySpan<int> errors)
    {
        foreach (int error in errors)
        {
            if (error != 0)
            {
                return error;
            }
        }

        return 0;
    }

    // A process id is used again once it has been waited for: never twice.
    private void Reap(int options)
    {
        if (_exitCode is not null)
        {
            return;
        }

        int result;
        int status;
        do
        {
            result = LibC.waitpid(Id, out status, options);
        }
        while (result < 0 && LinuxException.LastErrno == Errno.Interrupted);
        if (result != 0)
        {
            int signal = status & 0x7F;
            _exitCode = result < 0 ? -1 : signal != 0 ? SignalledExit + signal : (status >> 8) & 0xFF;
        }
    }
}
